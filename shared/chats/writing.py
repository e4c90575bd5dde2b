"""Writing to one chat: what changes is worked out from what is stored, then written in transactions with the head.

Every transaction raises the head's `version` and stamps the messages in it with the same number. So whoever reads the
head first and the messages after it has read everything up to that version, and a write that met another one is worked
out again from what is stored then.
"""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from shared.chats import bodies
from shared.chats.merge import PAST_KEPT, PLACES, Stored
from shared.chats.models import DELETING, HEAD, ChatHead, Message, MessageItem, partition
from shared.clock import now
from shared.errors import Conflict, NotFound
from shared.storage import objects
from shared.storage.tables import Item, transaction

NO_CHAT = "This chat does not exist. It may have been deleted."

# A transaction has at most 100 actions and 4 MB; the head is one action.
_ACTIONS = 90
_BYTES = 3_000_000
_ATTEMPTS = 12


@dataclass
class Plan:
    """What a write changes: the head as it is to be, worked out from the version it has (0: it is new).

    `puts` has messages, what is stored of each, and its place among the new ones; `moves` new parents; `old_keys` the
    S3 keys of bodies that are replaced or deleted; `objects` what S3 must have before. `needed` are other items of the
    table without which nothing is written, `also` what is written in the same transaction as the whole head. Without
    `touch` the chat keeps its time and so its place in the lists.
    """

    head: ChatHead
    puts: list[tuple[Message, Stored | None, int]] = field(default_factory=list)
    moves: dict[str, str | None] = field(default_factory=dict)
    deletes: list[str] = field(default_factory=list)
    old_keys: dict[str, str] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)
    needed: list[tuple[type[Item], str, str]] = field(default_factory=list)
    also: list[Callable[[TransactWrite], None]] = field(default_factory=list)
    head_changed: bool = False
    touch: bool = True

    @property
    def empty(self) -> bool:
        """Whether everything is stored already as it should be."""
        return not (self.puts or self.moves or self.deletes or self.head_changed)


def get_head(chat_id: str) -> ChatHead:
    """The head as stored now; raises `NotFound` when there is none or its deletion has begun."""
    try:
        head = ChatHead.get(partition(chat_id), HEAD, consistent_read=True)
    except ChatHead.DoesNotExist as error:
        raise NotFound(NO_CHAT) from error
    if head.deleting:
        raise NotFound(NO_CHAT)
    return head


def write(chat_id: str, writer: str, work_out: Callable[[], Plan]) -> Plan:
    """Carries out what `work_out` says, which reads what is stored; called again when another write came between.

    Raises `NotFound` when the chat is deleted meanwhile, `Conflict` after many lost races.
    """
    for attempt in range(_ATTEMPTS):
        plan = work_out()
        if plan.empty:
            return plan
        if _carry_out(chat_id, plan, writer):
            return plan
        time.sleep(random.uniform(0.005, 0.02) * (attempt + 1))  # noqa: S311 (spreads writers, protects nothing)
    raise Conflict("This chat is being changed from many places at once. Try again.")


def _carry_out(chat_id: str, plan: Plan, writer: str) -> bool:
    version = int(plan.head.version)
    items = [_item(chat_id, plan, *put, writer=writer, version=version + 1) for put in plan.puts]
    bodies.put(plan.objects)
    if plan.touch:
        plan.head.updated_at = now()
    plan.head.place()
    changes: list[tuple[int, MessageItem | str]] = [(int(item.size), item) for item in items]
    changes += [(500, message_id) for message_id in (*plan.moves, *plan.deletes)]
    batches = list(_batches(changes))
    if len(batches[-1]) + len(plan.also) > _ACTIONS:
        batches.append([])
    try:
        for number, batch in enumerate(batches):
            _transact(chat_id, plan, [change for _, change in batch], version, last=number == len(batches) - 1)
            version += 1
    except TransactWriteError as error:
        if error.cause_response_code not in ("TransactionCanceledException", "TransactionConflictException"):
            raise
        plan.head.version = version
        if version and not _exists(chat_id):
            objects.delete(*plan.objects)
            raise NotFound(NO_CHAT) from error
        return False
    plan.head.version = version
    objects.delete(*(key for key in plan.old_keys.values() if key not in plan.objects))
    return True


def _transact(chat_id: str, plan: Plan, changes: list[MessageItem | str], version: int, *, last: bool) -> None:
    """One transaction. The head's own fields come with the last one, when all messages are there."""
    head, at = plan.head, (ChatHead.version == version) & (ChatHead.gsi1pk != DELETING)
    condition = at if version else ChatHead.pk.does_not_exist()
    with transaction() as writes:
        if last or not version:
            head.version = version + 1
            writes.save(head, condition)
            for model, pk, sk in plan.needed:
                writes.condition_check(model, pk, sk, model.pk.exists())
        else:
            writes.update(head, [ChatHead.version.set(version + 1)], condition)
        for change in changes:
            if isinstance(change, MessageItem):
                change.version = version + 1
                writes.save(change)
                continue
            item = MessageItem(*MessageItem.key(chat_id, change))
            if change in plan.moves:
                parent = plan.moves[change]
                moved = MessageItem.parent_id.set(parent) if parent else MessageItem.parent_id.remove()
                writes.update(item, [moved, MessageItem.version.set(version + 1)], MessageItem.pk.exists())
            else:
                writes.delete(item)
        if last:
            for write_too in plan.also:
                write_too(writes)


def _exists(chat_id: str) -> bool:
    try:
        get_head(chat_id)
    except NotFound:
        return False
    return True


def _item(
    chat_id: str, plan: Plan, message: Message, stored: Stored | None, place: int, *, writer: str, version: int
) -> MessageItem:
    message_id = str(message["id"])
    item = MessageItem(
        *MessageItem.key(chat_id, message_id),
        message_id=message_id,
        parent_id=message.get("parentId"),
        version=version,
        writer=writer,
        creator=stored.creator if stored else writer,
        position=stored.position if stored else version * PLACES + place,
    )
    raw = bodies.set_body(item, message, chat_id)
    past = [*stored.past, stored.hash] if stored and stored.hash != item.hash else list(stored.past if stored else ())
    item.past = past[-PAST_KEPT:]
    if raw is not None:
        plan.objects[str(item.body_key)] = raw
    return item


def _batches(changes: list[tuple[int, MessageItem | str]]) -> Iterator[list[tuple[int, MessageItem | str]]]:
    """Transactions of a write; at least one, for the head alone."""
    batch: list[tuple[int, MessageItem | str]] = []
    size = 0
    for change in changes:
        weight = change[0] + 1000
        if batch and (len(batch) >= _ACTIONS or size + weight > _BYTES):
            yield batch
            batch, size = [], 0
        batch.append(change)
        size += weight
    yield batch
