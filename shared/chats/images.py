"""Inline images (data URLs) become files; the message keeps their address. Files know the chats they are in."""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared import files
from shared.chats.models import IMAGE_PREFIX, ImageItem, Message, partition
from shared.chats.tree import dumps
from shared.parallel import in_parallel
from shared.storage.tables import fetch_together

_DATA_URL = r"data:image/[A-Za-z0-9.+-]{1,40};base64,[A-Za-z0-9+/=\s]{16,}"
_WHOLE = re.compile(_DATA_URL)
_IN_MARKDOWN = re.compile(rf"(!\[[^\]\n]*\]\(\s*<?)({_DATA_URL})(?=[>)\s])")
# Parts of a message that are not searched, for they never carry an image.
_SKIPPED = ("id", "parentId", "childrenIds", "role", "timestamp", "model", "models", "usage", "run")


@dataclass
class Extracted:
    """Messages without inline images, and those images by file id."""

    messages: dict[str, Message]
    images: dict[str, bytes] = field(default_factory=dict)


def extract(chat_id: str, messages: Mapping[str, Message]) -> Extracted:
    """Replaces data URLs of raster images: where a value is one, and where Markdown shows one. Pure."""
    result = Extracted({})
    for message_id, message in messages.items():
        result.messages[message_id] = {
            key: value if key in _SKIPPED else _replace(chat_id, value, result.images) for key, value in message.items()
        }
    return result


def referenced(message: Message) -> set[str]:
    """The ids of files that a message shows by their address, or lists as its images."""
    shown = dumps([message.get("content"), message.get("files")])
    return _listed(message, "image") | set(files.CONTENT_URL.findall(shown))


def attached(message: Message) -> set[str]:
    """The ids of the documents that are attached to a message."""
    return _listed(message, "file")


def _listed(message: Message, kind: str) -> set[str]:
    listing = message.get("files")
    found = {
        str(entry.get("id") or entry.get("url"))
        for entry in (listing if isinstance(listing, list) else ())
        if isinstance(entry, dict) and entry.get("type") == kind
    }
    return {text for text in found if re.fullmatch(r"[A-Za-z0-9-]{1,64}", text)}


def keep(chat_id: str, user_id: str, images: Mapping[str, bytes]) -> None:
    """Stores extracted images, those only that are not stored yet."""
    known = files.find_all(images)
    new = {file_id: content for file_id, content in images.items() if file_id not in known}
    if not new:
        return
    _note(chat_id, new)

    def put(pair: tuple[str, bytes]) -> None:
        file_id, content = pair
        kind = files.image_type(content) or "application/octet-stream"
        files.store(user_id, f"image.{kind.partition('/')[2]}", kind, content, file_id=file_id, chat_id=chat_id)

    in_parallel(put, new.items())


def claim(chat_id: str, user_id: str, shown: set[str], documents: set[str]) -> None:
    """Lets images that the person uploaded belong to the chat that shows them, and documents know that they are in it.

    What somebody has attached as a document that is an image is theirs alone: it does not go with the chat.
    """
    file_ids = shown | documents
    if not file_ids:
        return
    wanted = [(ImageItem, partition(chat_id), IMAGE_PREFIX + file_id) for file_id in sorted(file_ids)[:100]]
    noted = {item.sk.removeprefix(IMAGE_PREFIX) for item in fetch_together(*wanted) if item}
    found = files.find_all(file_ids - noted)
    mine = {
        file_id: item
        for file_id, item in found.items()
        if item.user_id == user_id and file_id in (shown if item.is_image else documents)
    }
    _note(chat_id, mine)
    in_parallel(lambda item: files.claim(item, chat_id), mine.values())


def _note(chat_id: str, file_ids: Iterable[str]) -> None:
    with ImageItem.batch_write() as batch:
        for file_id in file_ids:
            batch.save(ImageItem(partition(chat_id), IMAGE_PREFIX + file_id))


def _replace(chat_id: str, value: Any, images: dict[str, bytes]) -> Any:
    if isinstance(value, str):
        if "data:image/" not in value:
            return value
        if _WHOLE.fullmatch(value):
            return _address(chat_id, value, images)
        return _IN_MARKDOWN.sub(lambda match: match[1] + _address(chat_id, match[2], images), value)
    if isinstance(value, list):
        return [_replace(chat_id, part, images) for part in value]
    if isinstance(value, dict):
        return {key: _replace(chat_id, part, images) for key, part in value.items()}
    return value


def _address(chat_id: str, url: str, images: dict[str, bytes]) -> str:
    try:
        content = base64.b64decode("".join(url.partition(",")[2].split()), validate=True)
    except (binascii.Error, ValueError):
        return url
    if files.image_type(content) is None:
        return url
    file_id = files.image_id(chat_id, content)
    images[file_id] = content
    return files.content_url(file_id)
