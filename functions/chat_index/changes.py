"""The entry of chat_changes: what the chats table's stream says has changed is added to the index of each person.

The stream waits meanwhile, so that what comes in the hurry of an import is added in few, large steps. Nobody holds it
up for longer: what takes long or fails is left to chat_index. The table itself is read, so a record that comes twice,
late or in another order does no harm.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from functions.chat_index import writing
from functions.chat_index.models import Changes
from shared.chats.compose import running_task
from shared.chats.models import DELETING, HEAD, MESSAGE_PREFIX, ChatHead, partition
from shared.logs import logger
from shared.parallel import in_parallel
from shared.settings import settings
from shared.storage.aws import lambda_client
from shared.storage.tables import fetch_all

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

Image = dict[str, dict[str, Any]]

# Of a head, what a search looks at. Its time is read whenever a text changes.
_SEARCHED = ("title", "archived", "pinned", "folder_id", "share_id", "meta", "user_id")
# An asynchronous event may have 256 KB, and a chat's and a message's id 128 characters each.
_IN_ONE_EVENT = 900


def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, int]:
    """Indexes what has changed, of several people at a time. What fails is delivered again by the stream."""
    found = list(changes(event["Records"]))

    def seconds_left() -> float:
        return context.get_remaining_time_in_millis() / 1000

    left = in_parallel(lambda change: _index(change, seconds_left), found)
    logger().info("chat changes", extra={"records": len(event["Records"]), "people": len(found), "left": sum(left)})
    return {"people": len(found)}


def _index(change: Changes, seconds_left: Callable[[], float]) -> bool:
    """Adds a person's changes to their shelf; returns whether something was left to chat_index."""
    try:
        written = writing.write(change.user_id, change.chats, seconds_left)
    except Exception:  # noqa: BLE001 (one person's trouble, whatever it is, must not hold up everybody)
        logger().exception("not indexed", extra={"user_id": change.user_id})
    else:
        if written.leaves_work:
            for void in _in_events(written.void):
                _leave(Changes(user_id=change.user_id, void=void))
        return written.leaves_work
    for chats in _in_events(change.chats):
        _leave(Changes(user_id=change.user_id, chats={chat_id: ids or [] for chat_id, ids in chats.items()}))
    return True


def _leave(change: Changes) -> None:
    lambda_client().invoke(
        FunctionName=settings().require("chat_index_function"),
        InvocationType="Event",
        Payload=change.model_dump_json(exclude_defaults=True).encode(),
    )


def _in_events(chats: Mapping[str, Sequence[str] | None]) -> Iterator[dict[str, list[str] | None]]:
    """Messages by chat in parts of so many that each goes into one event; one part without any where there are none."""
    part: dict[str, list[str] | None] = {}
    size = 0
    for chat_id, message_ids in chats.items():
        for start in range(0, len(message_ids or "-"), _IN_ONE_EVENT):
            some = list(message_ids[start : start + _IN_ONE_EVENT]) if message_ids is not None else None
            if size + len(some or "-") > _IN_ONE_EVENT:
                yield part
                part, size = {}, 0
            part[chat_id] = some
            size += len(some or "-")
    yield part


def changes(records: Iterable[dict[str, Any]]) -> Iterator[Changes]:
    """What has to be indexed anew, by person: chats, and the messages in them."""
    chats: dict[str, set[str]] = {}
    owners: dict[str, str] = {}
    for record in records:
        keys, old, new = _parts(record)
        chat_id = keys["pk"].removeprefix(partition(""))
        if chat_id == keys["pk"]:
            continue
        if keys["sk"] == HEAD:
            owners |= {chat_id: owner} if (owner := _text(new or old, "user_id")) else {}
            if _head_matters(old, new):
                chats.setdefault(chat_id, set())
        elif keys["sk"].startswith(MESSAGE_PREFIX) and _message_matters(old, new):
            chats.setdefault(chat_id, set()).add(keys["sk"].removeprefix(MESSAGE_PREFIX))
    owners |= _owners([chat_id for chat_id in chats if chat_id not in owners])
    people: dict[str, dict[str, list[str]]] = {}
    for chat_id, message_ids in chats.items():
        # A chat without a head is being deleted: its head's own record says so.
        if chat_id in owners:
            people.setdefault(owners[chat_id], {})[chat_id] = sorted(message_ids)
    for user_id, changed in people.items():
        yield Changes(user_id=user_id, chats=changed)


def _parts(record: dict[str, Any]) -> tuple[dict[str, str], Image, Image]:
    content = record["dynamodb"]
    keys = {name: str(value["S"]) for name, value in content["Keys"].items()}
    return keys, content.get("OldImage") or {}, content.get("NewImage") or {}


def _head_matters(old: Image, new: Image) -> bool:
    if not new or _text(new, "gsi1pk") == DELETING:
        return _text(old, "gsi1pk") != DELETING
    return any(old.get(name) != new.get(name) for name in _SEARCHED)


def _message_matters(old: Image, new: Image) -> bool:
    """Whether a message says something else now, and is not still being written."""
    if old and new and _text(old, "hash") == _text(new, "hash") and _text(old, "body") == _text(new, "body"):
        return False
    body = _text(new, "body")
    return not (body and running_task(json.loads(body)))


def _owners(chat_ids: list[str]) -> dict[str, str]:
    heads = fetch_all(ChatHead, ((partition(chat_id), HEAD) for chat_id in chat_ids), ("chat_id", "user_id"))
    return {head.chat_id: head.user_id for head in heads}


def _text(image: Image, name: str) -> str:
    return str(image.get(name, {}).get("S", ""))
