"""What clients name as the material of an answer, in all the shapes that the contract's clients have for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

Json = dict[str, Any]
Kind = Literal["file", "collection", "text", "url", "chat", "note", "folder"]

FILE = "file-"
MOST = 200


@dataclass(frozen=True)
class Attachment:
    """One thing. `collections` are what it is searched in, `text` all that the client has of it, `whole`: all of it."""

    kind: Kind
    id: str = ""
    name: str = ""
    collections: tuple[str, ...] = ()
    text: str = ""
    whole: bool = False

    @property
    def searched(self) -> tuple[str, ...]:
        """The collections it is found in."""
        return (f"{FILE}{self.id}",) if self.kind == "file" else self.collections


def attachments(items: Iterable[Any]) -> list[Attachment]:
    """What the items stand for, each once; pictures, and what nobody knows, are left out."""
    found = (_attachment(item) for item in items if isinstance(item, dict))
    return list(dict.fromkeys(each for each in found if each is not None))[:MOST]


def _attachment(item: Json) -> Attachment | None:
    kind, name, whole = _text(item.get("type")), _name(item), item.get("context") == "full"
    item_id = _text(item.get("id"))
    if kind == "file":
        file_id = item_id or _text(_dict(item.get("file")).get("id"))
        return Attachment("file", file_id, name, whole=whole) if file_id else None
    if kind in ("chat", "note", "folder"):
        return Attachment(kind, item_id, name) if item_id else None  # type: ignore[arg-type]
    if kind == "url" and (url := _text(item.get("url")) or name):
        return Attachment("url", url, name or url)
    if kind == "image":
        return None
    collections = _collections(item, kind)
    text = _inline(item)
    if text and (whole or not collections):
        return Attachment("text", item_id or name, name, text=text, whole=True)
    if not collections:
        return None
    return Attachment("collection", item_id or collections[0], name, collections, text, whole)


def _collections(item: Json, kind: str) -> tuple[str, ...]:
    listed = item.get("collection_names")
    named = [_text(item.get("collection_name")), *(listed if isinstance(listed, list) else [])]
    known = tuple(dict.fromkeys(name for name in named if isinstance(name, str) and name))
    own = _text(item.get("id"))
    if not known and own and (kind == "collection" or item.get("legacy")):
        return (own,)
    return known


def _inline(item: Json) -> str:
    """The text that the client itself has: of a file in a temporary chat, of a page, of something pasted."""
    docs = item.get("docs")
    if isinstance(docs, list):
        return "\n\n".join(_text(_dict(doc).get("content")) for doc in docs)
    return _text(_dict(_dict(item.get("file")).get("data")).get("content")) or _text(item.get("content"))


def _name(item: Json) -> str:
    file = _dict(item.get("file"))
    named = (item.get("name"), item.get("title"), file.get("filename"), _dict(file.get("meta")).get("name"))
    return next((text for value in named if (text := _text(value))), "")[:300]


def _dict(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
