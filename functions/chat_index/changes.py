"""The entry of chat_changes: what the chats table's stream says has changed, handed to the writer for each person.

It only sorts and hands over, for a stream waits for its reader. The writer reads the table itself, so a record that
comes twice, late or in another order does no harm.
"""

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from functions.chat_index.handler import Changes
from shared.chats.compose import running_task
from shared.chats.models import DELETING, HEAD, MESSAGE_PREFIX, ChatHead, partition
from shared.logs import logger
from shared.settings import settings
from shared.storage.aws import lambda_client
from shared.storage.tables import fetch_together

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

Image = dict[str, dict[str, Any]]

# Of a head, what a search looks at. Its time is read whenever a text changes.
_SEARCHED = ("title", "archived", "pinned", "folder_id", "share_id", "meta", "user_id")


def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, int]:
    """Invokes the writer once for each person whose chats changed. What fails is delivered again by the stream."""
    found = list(changes(event["Records"]))
    for change in found:
        lambda_client().invoke(
            FunctionName=settings().require("chat_index_function"),
            InvocationType="Event",
            Payload=change.model_dump_json(exclude_defaults=True).encode(),
        )
    logger().info("chat changes", extra={"records": len(event["Records"]), "people": len(found)})
    return {"people": len(found)}


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
    found: dict[str, str] = {}
    for start in range(0, len(chat_ids), 100):
        wanted = [(ChatHead, partition(chat_id), HEAD) for chat_id in chat_ids[start : start + 100]]
        heads = fetch_together(*wanted, only=("chat_id", "user_id"))
        found |= {head.chat_id: head.user_id for head in heads if isinstance(head, ChatHead)}
    return found


def _text(image: Image, name: str) -> str:
    return str(image.get(name, {}).get("S", ""))
