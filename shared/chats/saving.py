"""Saving what clients send: a whole chat or single messages, with their images, merged into what is stored."""

import uuid
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from shared.chats import bodies, compose, folders, images, merge, reading, store, tags, tree, writing
from shared.chats.merge import Reader
from shared.chats.models import HEAD, ChatHead, Fields, FolderItem, Message, MessageItem, partition
from shared.chats.tree import Parts
from shared.chats.writing import Plan
from shared.clock import now
from shared.errors import Conflict, NotFound
from shared.runs import Run

# Who writes single messages, to the rules of `shared.chats.merge`: nobody that a whole-chat save could come from.
_SINGLE = "single"


@dataclass(frozen=True)
class Origin:
    """What a chat that comes from another one, or from elsewhere, brings along; None: as of a new chat.

    `images` are the bytes of images that its messages show by their new addresses (`files.image_id`).
    """

    chat_id: str | None = None
    meta: dict[str, Any] = field(default_factory=dict)
    pinned: bool = False
    archived: bool = False
    created_at: int | None = None
    updated_at: int | None = None
    images: Mapping[str, bytes] = field(default_factory=dict)


NEW = Origin()


def create(user_id: str, parts: Parts, reader: Reader, folder_id: str | None = None, origin: Origin = NEW) -> ChatHead:
    """Stores a new chat; returns its head. In a folder that does not exist it is put into none.

    With images or tags the head is written alone first, so that a crash leaves a chat that its owner can delete.
    """
    head = ChatHead(
        chat_id=origin.chat_id or str(uuid.uuid4()),
        user_id=user_id,
        title=tree.title_of(parts.title),
        created_at=_moment(origin.created_at),
        updated_at=_moment(origin.updated_at),
        pinned=origin.pinned,
        archived=origin.archived,
        lists_messages=bool(parts.lists_messages),
        current_id=parts.current_id,
        version=0,
    )
    head.pk, head.sk = partition(head.chat_id), HEAD
    extracted = images.extract(head.chat_id, parts.messages or {})
    extracted.images |= origin.images
    messages = extracted.messages
    shown, documents = _shown(messages.values()), _attached(messages.values())

    wanted = tags.named(origin.meta.get("tags"))

    def begin() -> Plan:
        plan = Plan(head, head_changed=True, touch=origin.updated_at is None)
        put_into_folder(plan, folder_id)
        if not head.version:
            head.meta = {key: value for key, value in origin.meta.items() if key != "tags"} or None
            tags.put(plan, wanted)
        return plan

    def work_out() -> Plan:
        plan = begin()
        ranks = merge.places(parts.messages or {})
        for message_id, message in messages.items():
            store.add_put(plan, message, None, ranks[message_id])
        _set_fields(plan, parts.fields)
        return plan

    if not (shown or documents or wanted):
        return writing.write(head.chat_id, reader.writer, work_out).head
    writing.write(head.chat_id, reader.writer, begin)
    images.keep(head.chat_id, user_id, extracted.images)
    images.claim(head.chat_id, user_id, shown - set(extracted.images), documents)
    return writing.write(head.chat_id, reader.writer, work_out).head


def _moment(seconds: int | None) -> int:
    """When a chat says it was; now when it says nothing, or no time that a list could have a place for."""
    return seconds if seconds and 0 < seconds < 10**11 else now()


def put_into_folder(plan: Plan, folder_id: str | None) -> None:
    """Puts the chat into a folder of its owner, or into none when there is no such folder, also at the last moment."""
    head = plan.head
    known = bool(folder_id) and folders.exists(head.user_id, str(folder_id))
    head.folder_id = folder_id if known else None
    if known:
        plan.needed.append((FolderItem, *FolderItem.key(head.user_id, str(folder_id))))


def save_chat(head: ChatHead, parts: Parts, reader: Reader) -> ChatHead:
    """Merges a chat as one client has it into the stored one; only what differs is written. Returns the head.

    Rules: `shared.chats.merge`. Keys of the chat's JSON that it leaves out stay as they are.
    """
    chat_id = head.chat_id
    incoming = images.extract(chat_id, parts.messages or {})
    prepared: set[str] = set()

    def work_out() -> Plan:
        plan = Plan(writing.get_head(chat_id))
        _merge_fields(plan, parts)
        if parts.messages is None:
            return plan
        with ThreadPoolExecutor(2) as pool:
            running = pool.submit(compose.active, chat_id)
            items = {item.message_id: item for item in reading.items(chat_id, bodies=False)}
            active = running.result()
        _merge_messages(plan, items, incoming.messages, reader, set(active))
        changed = [message for message, _, _ in plan.puts]
        _prepare(plan.head, changed, incoming.images, prepared)
        store.open_at(plan, parts.current_id)
        return plan

    return writing.write(chat_id, reader.writer, work_out).head


def save_messages(
    head: ChatHead,
    changed: Mapping[str, Message],
    *,
    current_id: str | None,
    remove: Iterable[str],
    active: Mapping[str, Run],
) -> ChatHead:
    """Merges single messages of a client into the chat; those that an answer is being written to stay as they are.

    Clients that save single messages delete them by name: no whole-chat save takes theirs for messages it knows.
    """
    chat_id = head.chat_id
    tree.check(dict(changed))
    extracted = images.extract(chat_id, changed)
    _prepare(head, extracted.messages.values(), extracted.images, set())
    own = {
        message_id: {key: value for key, value in message.items() if key != "run"}
        for message_id, message in extracted.messages.items()
    }
    after, _ = store.save_messages(
        chat_id,
        own,
        writer=_SINGLE,
        current_id=current_id,
        remove=remove,
        frozen=lambda stored: compose.frozen(active, stored),
    )
    return after


def remove_subtree(chat_id: str, message_id: str) -> ChatHead:
    """Deletes a message and all that follow on it; returns the chat's head.

    A chat that was open in there is open at the newest end of what stands beside it, or else at its parent. Raises
    `NotFound`, and `Conflict` while an answer is being written in there.
    """

    def work_out() -> Plan:
        plan = Plan(writing.get_head(chat_id), head_changed=True)
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(compose.active, chat_id)
            items = {item.message_id: item for item in reading.items(chat_id, bodies=False)}
            active = running.result()
        if message_id not in items:
            raise NotFound("This message does not exist. It may have been deleted.")
        parents = {key: item.parent_id for key, item in items.items()}
        gone = tree.subtree(parents, message_id)
        inner = set(parents.values())
        ends = reading.some(chat_id, [key for key in gone if key not in inner]).values()
        if compose.frozen(active, bodies.messages_of(ends)) & set(gone):
            raise Conflict("An answer is being written here. Stop it first, then delete.")
        # Those deepest down go first, so that whatever interrupts leaves a tree.
        plan.deletes = gone[::-1]
        plan.old_keys |= {key: str(items[key].body_key) for key in gone if items[key].body_key}
        if plan.head.current_id is None or plan.head.current_id in gone:
            plan.head.current_id = _beside(items, message_id, set(gone))
        return plan

    return writing.write(chat_id, merge.SERVER, work_out).head


def _beside(items: Mapping[str, MessageItem], message_id: str, gone: set[str]) -> str | None:
    """Where a chat is open when a subtree is gone: the newest end below the nearest sibling, or else the parent."""
    left = {key: item for key, item in items.items() if key not in gone}
    removed = items[message_id]
    parent = removed.parent_id if removed.parent_id in left else None
    siblings = [key for key, item in left.items() if (item.parent_id if item.parent_id in left else None) == parent]
    if not siblings:
        return parent
    place = int(removed.position)
    current = min(siblings, key=lambda key: (int(left[key].position) > place, abs(int(left[key].position) - place)))
    children: dict[str, str] = {}
    for key, item in sorted(left.items(), key=lambda pair: (int(pair[1].position), pair[0])):
        if item.parent_id:
            children[item.parent_id] = key
    seen = {current}
    while (child := children.get(current)) and child not in seen:
        seen.add(child)
        current = child
    return current


def _merge_messages(
    plan: Plan, items: dict[str, MessageItem], incoming: dict[str, Message], reader: Reader, active: set[str]
) -> None:
    stored = {key: reading.stored(item) for key, item in items.items()}
    differing = [key for key, known in stored.items() if key in incoming and tree.hash_of(incoming[key]) != known.hash]
    whole = reading.some(plan.head.chat_id, differing)
    texts = bodies.messages_of(whole.values())
    active |= compose.frozen({}, texts)
    ranks = merge.places(incoming)
    for message_id, message in incoming.items():
        if message_id in active and message_id in stored:
            continue
        own = {key: value for key, value in message.items() if key != "run"}
        if message_id not in stored:
            store.add_put(plan, own, None, ranks[message_id])
        elif message_id in texts:
            item = whole[message_id]
            resolved = merge.resolve(reading.stored(item), texts[message_id], own, reader)
            if resolved is not None:
                store.add_put(plan, resolved, item, ranks[message_id])
    gone = merge.to_delete(stored.values(), incoming, reader, active)
    store.remove_messages(plan, items, gone, {str(message["id"]): message for message, _, _ in plan.puts})


def _merge_fields(plan: Plan, parts: Parts) -> None:
    head = plan.head
    if parts.title is not None and tree.title_of(parts.title) != head.title:
        head.title, plan.head_changed = tree.title_of(parts.title), True
    if parts.lists_messages and not head.lists_messages:
        head.lists_messages = plan.head_changed = True
    before = bodies.fields_of(head)
    after = {**before, **parts.fields}
    if after != before:
        _set_fields(plan, after)
        plan.head_changed = True


def _set_fields(plan: Plan, fields: Fields) -> None:
    old = plan.head.fields_key
    raw = bodies.set_fields(plan.head, fields)
    if raw is not None:
        plan.objects[str(plan.head.fields_key)] = raw
    if old and old != plan.head.fields_key:
        plan.old_keys["fields"] = old


def _prepare(head: ChatHead, changed: Iterable[Message], inline: Mapping[str, bytes], done: set[str]) -> None:
    """Stores the images of changed messages, and notes their documents, before the messages themselves."""
    shown, documents = _shown(changed) - done, _attached(changed) - done
    images.keep(head.chat_id, head.user_id, {key: inline[key] for key in shown & set(inline)})
    images.claim(head.chat_id, head.user_id, shown - set(inline), documents)
    done |= shown | documents


def _attached(messages: Iterable[Message]) -> set[str]:
    return {file_id for message in messages for file_id in images.attached(message)}


def _shown(messages: Iterable[Message]) -> set[str]:
    return {file_id for message in messages for file_id in images.referenced(message)}
