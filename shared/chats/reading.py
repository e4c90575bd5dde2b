"""Reading the messages of one chat: one query when it is short, several at once when it is long."""

from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING

from shared.chats.merge import Stored
from shared.chats.models import MESSAGE_PREFIX, MessageItem, partition
from shared.parallel import in_parallel
from shared.storage.aws import dynamodb
from shared.storage.tables import fetch_all

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import QueryInputTypeDef

# What the merge needs to know of a message; the body stays where it is.
_STORED = [
    "pk",
    "sk",
    "message_id",
    "parent_id",
    "hash",
    "past",
    "version",
    "writer",
    "creator",
    "position",
    "body_key",
]
# What of a message is shown and searched: half the bytes of its item, where texts are short.
_SHOWN = ["pk", "sk", "message_id", "parent_id", "past", "position", "body", "body_key"]
_END = MESSAGE_PREFIX + "~"
# Message ids are mostly UUIDs: the rest of a long chat is read in one range for each first hexadecimal digit.
_CUTS = [MESSAGE_PREFIX + digit for digit in "13579bdf"]


def items(chat_id: str, *, bodies: bool = True) -> list[MessageItem]:
    """All messages of a chat, oldest first.

    They come with what is shown and searched of them, or (not `bodies`) with what a merge needs. A page
    of a query is 1 MB, so the rest of a long chat is read in ranges.
    """
    only = _SHOWN if bodies else _STORED
    found, after = _page(chat_id, MESSAGE_PREFIX, _END, None, only)
    if after:
        edges = [after, *(cut for cut in _CUTS if cut > after), _END]
        ranges = list(pairwise(edges))
        for part in in_parallel(lambda edge: _range(chat_id, *edge, only), ranges):
            found.extend(part)
    unique = {item.sk: item for item in found}
    return sorted(unique.values(), key=lambda item: (item.position, item.message_id))


def some(chat_id: str, message_ids: Iterable[str]) -> dict[str, MessageItem]:
    """Those of the named messages that are there, by id."""
    return several((chat_id, message_id) for message_id in message_ids).get(chat_id, {})


def several(wanted: Iterable[tuple[str, str]]) -> dict[str, dict[str, MessageItem]]:
    """Those of these (chat, message) that are there, by id, by chat."""
    found: dict[str, dict[str, MessageItem]] = {}
    for item in fetch_all(MessageItem, (MessageItem.key(*one) for one in wanted)):
        found.setdefault(item.pk.removeprefix(partition("")), {})[item.message_id] = item
    return found


def stored(item: MessageItem) -> Stored:
    """What the merge rules need of an item."""
    return Stored(
        message_id=item.message_id,
        parent_id=item.parent_id,
        hash=item.hash,
        past=tuple(item.past or ()),
        version=int(item.version),
        writer=item.writer,
        creator=item.creator,
        position=int(item.position),
    )


def _range(chat_id: str, low: str, high: str, only: list[str]) -> list[MessageItem]:
    found, after = _page(chat_id, low, high, None, only)
    while after:
        more, after = _page(chat_id, low, high, after, only)
        found.extend(more)
    return found


def _page(
    chat_id: str, low: str, high: str, after: str | None, only: list[str]
) -> tuple[list[MessageItem], str | None]:
    """One page of the messages with low <= sk <= high, and the sort key to go on after."""
    pk = {"S": partition(chat_id)}
    request: QueryInputTypeDef = {
        "TableName": MessageItem.Meta.table_name,
        "ConsistentRead": True,
        "KeyConditionExpression": "pk = :pk AND sk BETWEEN :low AND :high",
        "ExpressionAttributeValues": {":pk": pk, ":low": {"S": low}, ":high": {"S": high}},
        "ProjectionExpression": ", ".join(f"#{name}" for name in only),
        "ExpressionAttributeNames": {f"#{name}": name for name in only},
    }
    if after:
        request["ExclusiveStartKey"] = {"pk": pk, "sk": {"S": after}}
    page = dynamodb().query(**request)
    last = page.get("LastEvaluatedKey")
    return [MessageItem.from_raw_data(dict(raw)) for raw in page["Items"]], last["sk"]["S"] if last else None
