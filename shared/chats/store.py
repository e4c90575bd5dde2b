"""Chats for every function: read heads, messages and branches; add and change messages.

For whoever writes answers:
- `head(chat_id)`, `owned(chat_id, user_id)`: the chat without messages; `NotFound` when absent or another person's.
- `branch(chat_id, message_id)`: the conversation up to a message, as the contract has messages.
- `save_message(chat_id, message)`: merges fields into a message, or adds it. While an answer runs, its message has
  `run` = {task_id, attempt, state: "running"} and readers add the stream log to its `content`; the write that gives
  the whole text must set `run` with its final state in the same call, so that no reader adds the log to it.
- `set_title(chat_id, title)`.
"""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from shared.chats import bodies, reading, tree, writing
from shared.chats.merge import SERVER, new_parents, places
from shared.chats.models import HEAD, ChatHead, Message, MessageItem, partition
from shared.chats.writing import NO_CHAT, Plan
from shared.errors import NotFound
from shared.storage.tables import fetch_together

__all__ = ["branch", "head", "message", "messages", "owned", "save_message", "save_messages", "set_title"]


def head(chat_id: str) -> ChatHead:
    """The chat without its messages; raises `NotFound` when absent or being deleted."""
    return writing.get_head(chat_id)


def owned(chat_id: str, user_id: str) -> ChatHead:
    """The head of a chat of this person; raises `NotFound` otherwise, without saying whether the chat exists."""
    found = writing.get_head(chat_id)
    if found.user_id != user_id:
        raise NotFound(NO_CHAT)
    return found


def message(chat_id: str, message_id: str) -> Message | None:
    """One message as stored, or None; its childrenIds are left out (they are derived from all messages)."""
    items = reading.some(chat_id, [message_id])
    return bodies.messages_of(items.values()).get(message_id)


def messages(chat_id: str) -> dict[str, Message]:
    """All messages of a chat as stored, by id, with their childrenIds."""
    items = reading.items(chat_id)
    return tree.link(bodies.messages_of(items), {item.message_id: int(item.position) for item in items})


def branch(chat_id: str, message_id: str) -> list[Message]:
    """The messages from the root to `message_id`, both included, as stored; empty when it is absent.

    One query for chats up to 1 MB; bodies in S3 are read for this branch only.
    """
    items = {item.message_id: item for item in reading.items(chat_id)}
    path: list[MessageItem] = []
    current: str | None = message_id
    while current and (item := items.pop(current, None)):
        path.append(item)
        current = item.parent_id
    return list(bodies.messages_of(reversed(path)).values())


def save_message(chat_id: str, message: Message, *, writer: str = SERVER, current: bool = False) -> Message:
    """Merges the fields of `message` (which has `id`) into the stored one, or adds it; returns the whole message.

    `current` opens the chat at it from now on. Raises `NotFound` when the chat is absent or being deleted.
    """
    message_id = str(message["id"])
    opened = message_id if current else None
    _, saved = save_messages(chat_id, {message_id: message}, writer=writer, current_id=opened)
    return saved[message_id]


def save_messages(
    chat_id: str,
    changed: Mapping[str, Message],
    *,
    writer: str,
    current_id: str | None = None,
    remove: Iterable[str] = (),
    frozen: Callable[[Mapping[str, Message]], set[str]] = lambda stored: set(),
) -> tuple[ChatHead, dict[str, Message]]:
    """Merges several messages into the chat and deletes those of `remove`; returns its head and the changed ones whole.

    `frozen` names those of the stored messages it is given, and of others, that stay as they are. Children of a deleted
    message go to its nearest ancestor.
    """
    result: dict[str, Message] = {}
    gone = set(remove)

    def work_out() -> Plan:
        result.clear()
        plan, items = _read(chat_id, list(changed), whole=bool(gone))
        stored = bodies.messages_of(item for key, item in items.items() if key in changed)
        kept = frozen(stored)
        ranks = places(changed)
        for message_id, message in changed.items():
            before = stored.get(message_id)
            if before is not None and message_id in kept:
                result[message_id] = before
                continue
            after = tree.normal(message_id, {**(before or {}), **message})
            result[message_id] = after
            if before is None or tree.body_of(after) != tree.body_of(before) or after["parentId"] != before["parentId"]:
                add_put(plan, after, items.get(message_id), ranks[message_id])
        remove_messages(plan, items, {key for key in gone if key in items and key not in kept}, result)
        open_at(plan, current_id)
        return plan

    return writing.write(chat_id, writer, work_out).head, result


def set_title(chat_id: str, title: str) -> ChatHead:
    """Gives the chat a title; returns its head. Raises `NotFound`."""

    def work_out() -> Plan:
        plan = Plan(writing.get_head(chat_id))
        plan.head_changed = plan.head.title != tree.title_of(title)
        plan.head.title = tree.title_of(title)
        return plan

    return writing.write(chat_id, SERVER, work_out).head


def add_put(plan: Plan, message: Message, item: MessageItem | None, rank: int) -> None:
    """Adds a message to what a plan writes."""
    plan.puts.append((message, reading.stored(item) if item else None, rank))
    if item and item.body_key:
        plan.old_keys[item.message_id] = item.body_key


def remove_messages(
    plan: Plan, items: Mapping[str, MessageItem], gone: set[str], changed: Mapping[str, Message]
) -> None:
    """Adds deletions to a plan, and the moves of messages that lose their parent by them."""
    if not gone:
        return
    parents: dict[str, str | None] = {key: item.parent_id for key, item in items.items()}
    parents |= {key: message.get("parentId") for key, message in changed.items() if key not in gone}
    written = {str(message["id"]): message for message, _, _ in plan.puts}
    for message_id, parent in new_parents(parents, gone).items():
        if message_id in written:
            written[message_id]["parentId"] = parent
        else:
            plan.moves[message_id] = parent
    plan.puts = [put for put in plan.puts if put[0]["id"] not in gone]
    plan.deletes = sorted(gone)
    plan.old_keys |= {key: str(items[key].body_key) for key in gone if items[key].body_key}
    if plan.head.current_id in gone:
        plan.head.current_id = new_parents({"": plan.head.current_id, **parents}, gone)[""]


def open_at(plan: Plan, current_id: str | None) -> None:
    """Lets the chat be open at a message from now on."""
    if current_id and plan.head.current_id != current_id and current_id not in plan.deletes:
        plan.head.current_id = current_id
        plan.head_changed = True


def _read(chat_id: str, message_ids: list[str], *, whole: bool) -> tuple[Plan, dict[str, MessageItem]]:
    """The head and the stored items that a write of these messages needs, in one round trip where possible."""
    if not whole and len(message_ids) < 100:
        wanted = [(MessageItem, *MessageItem.key(chat_id, message_id)) for message_id in message_ids]
        first, *rest = fetch_together((ChatHead, partition(chat_id), HEAD), *wanted)
        if not isinstance(first, ChatHead) or first.deleting:
            raise NotFound(NO_CHAT)
        return Plan(first), {item.message_id: item for item in rest if isinstance(item, MessageItem)}
    found = writing.get_head(chat_id)
    with ThreadPoolExecutor(2) as pool:
        listed = pool.submit(reading.items, chat_id, bodies=False) if whole else None
        named = pool.submit(reading.some, chat_id, message_ids)
        items = {item.message_id: item for item in listed.result()} if listed else {}
        return Plan(found), {**items, **named.result()}
