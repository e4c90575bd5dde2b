"""Conversations as ChatGPT exports them (`conversations.json`): a tree of nodes of many kinds.

What a person saw becomes messages: questions and answers. Nodes that only led to an answer are folded into it:
thoughts become its reasoning; the code it ran, and what that gave, come before its text. Hidden nodes are left out.
"""

import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from functions.transfer.incoming import Incoming, content_hash, flag, seconds
from shared.chats.models import Message, valid_id
from shared.chats.tree import Parts
from shared.errors import Invalid

NAME = "ChatGPT"

# Marks of citations and the like, between characters of a private area of Unicode.
_MARKS = re.compile("\ue200[^\ue201]*\ue201")
_NOT_EXPORTED = "*[{what}: not in conversations.json]*"


@dataclass(frozen=True)
class _Path:
    """What came before a node on its branch: the last message, and what the next answer is to have."""

    parent: str | None = None
    reasoning: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    model: str | None = None
    moment: int | None = None


def recognises(value: dict[str, Any]) -> bool:
    """Whether this is such a conversation."""
    return isinstance(value.get("mapping"), dict)


def convert(value: dict[str, Any]) -> Incoming:
    """The chat. Raises `Invalid` when there is no message in it."""
    mapping: dict[str, Any] = {key: node for key, node in value["mapping"].items() if isinstance(node, dict)}
    messages, places = _Walk(mapping).messages()
    if not messages:
        raise Invalid("It has no messages.")
    current = places.get(str(value.get("current_node"))) or next(reversed(messages))
    title = value.get("title")
    models = list(dict.fromkeys(str(message["model"]) for message in messages.values() if message.get("model")))
    source_id = value.get("conversation_id") or value.get("id")
    created_at = seconds(value.get("create_time"))
    fields: dict[str, Any] = {"models": models}
    if created_at:
        fields["timestamp"] = created_at * 1000
    return Incoming(
        parts=Parts(fields, title if isinstance(title, str) else None, messages, current, None, None),
        key=f"chatgpt:{source_id}" if isinstance(source_id, str) and source_id else content_hash(value["mapping"]),
        pinned=flag(value.get("is_starred")),
        archived=flag(value.get("is_archived")),
        created_at=created_at,
        updated_at=seconds(value.get("update_time")) or created_at,
    )


class _Walk:
    """Goes through the tree once, without recursion: a branch can have 10,000 nodes; loops are left out."""

    def __init__(self, mapping: Mapping[str, dict[str, Any]]) -> None:
        self._mapping = mapping
        self._messages: dict[str, Message] = {}
        self._places: dict[str, str | None] = {}

    def messages(self) -> tuple[dict[str, Message], dict[str, str | None]]:
        """The messages by id, and for each node the message it is in, or came after."""
        for start in self._starts():
            pending = [(start, _Path())]
            while pending:
                node_id, path = pending.pop()
                if node_id in self._places:
                    continue
                after = self._visit(node_id, path)
                children = self._children(node_id)
                if not children and (after.before or after.reasoning):
                    after = self._left_over(node_id, after)
                self._places[node_id] = after.parent
                pending += [(child, after) for child in reversed(children)]
        return self._messages, self._places

    def _starts(self) -> Iterator[str]:
        """The roots; then whatever cannot be reached from one."""
        yield from (key for key, node in self._mapping.items() if node.get("parent") not in self._mapping)
        yield from (key for key in self._mapping if key not in self._places)

    def _children(self, node_id: str) -> list[str]:
        listed = self._mapping[node_id].get("children")
        named = [child for child in listed if isinstance(child, str)] if isinstance(listed, list) else []
        return [child for child in named if child in self._mapping and child not in self._places]

    def _visit(self, node_id: str, path: _Path) -> _Path:
        message = self._mapping[node_id].get("message")
        if not isinstance(message, dict) or _is_hidden(message):
            return path
        author = message.get("author")
        role = author.get("role") if isinstance(author, dict) else None
        content = message.get("content")
        content = content if isinstance(content, dict) else {}
        kind = content.get("content_type")
        path = replace(path, moment=seconds(message.get("create_time")) or path.moment)
        if role == "user":
            text = _text(content)
            return self._add(node_id, "user", text, path, message) if text else path
        if role not in ("assistant", "tool"):
            return path
        if model := _metadata(message).get("model_slug"):
            path = replace(path, model=str(model))
        if kind == "thoughts":
            return replace(path, reasoning=(*path.reasoning, *_thoughts(content)))
        text = _text(content)
        if kind == "reasoning_recap" or not text:
            return path
        if role == "tool" or message.get("recipient") not in (None, "all"):
            return replace(path, before=(*path.before, text))
        return self._add(node_id, "assistant", text, path, message)

    def _left_over(self, node_id: str, path: _Path) -> _Path:
        """A branch that ends before its answer: what led to it is all there is."""
        return self._add(node_id, "assistant", "", path, {})

    def _add(self, node_id: str, role: str, text: str, path: _Path, message: Mapping[str, Any]) -> _Path:
        message_id = _message_id(node_id)
        added: Message = {"id": message_id, "parentId": path.parent, "role": role, "content": text}
        if path.moment:
            added["timestamp"] = path.moment
        if role == "assistant":
            added["content"] = "\n\n".join(part for part in (*path.before, text) if part)
            added["done"] = True
            if path.model:
                added |= {"model": path.model, "modelName": path.model}
            if path.reasoning:
                added["reasoning_content"] = "\n\n".join(path.reasoning)
        elif files := _attachments(message):
            added["content"] = "\n\n".join(part for part in (text, files) if part)
        self._messages[message_id] = added
        return _Path(parent=message_id, moment=path.moment)


def _metadata(message: Mapping[str, Any]) -> dict[str, Any]:
    found = message.get("metadata")
    return found if isinstance(found, dict) else {}


def _is_hidden(message: Mapping[str, Any]) -> bool:
    content = message.get("content")
    kind = content.get("content_type") if isinstance(content, dict) else None
    return bool(_metadata(message).get("is_visually_hidden_from_conversation")) or kind in (
        "user_editable_context",
        "model_editable_context",
    )


def _message_id(node_id: str) -> str:
    try:
        return valid_id(node_id)
    except Invalid:
        return str(uuid.uuid5(uuid.NAMESPACE_OID, node_id))


def _text(content: Mapping[str, Any]) -> str:
    """What a message's content says, as Markdown."""
    kind = content.get("content_type")
    if kind == "code":
        code, language = content.get("text"), content.get("language")
        return _fence(code, language if isinstance(language, str) and language.isalnum() else "")
    if kind == "execution_output":
        return _fence(content.get("text"), "")
    if kind == "tether_quote":
        return _quote(content)
    if kind == "system_error":
        return str(content.get("text") or content.get("name") or "")
    parts = content.get("parts")
    if isinstance(parts, list):
        texts = [_part(part) for part in parts]
    else:
        texts = [_part(content.get(key)) for key in ("text", "result") if content.get(key)][:1]
    return _MARKS.sub("", "\n\n".join(text for text in texts if text)).strip()


def _part(part: object) -> str:
    if isinstance(part, str):
        return part.strip()
    if not isinstance(part, dict):
        return ""
    if isinstance(part.get("text"), str):
        return str(part["text"]).strip()
    kind = str(part.get("content_type") or part.get("asset_pointer") or "")
    if "image" in kind:
        size = f" {part['width']} × {part['height']}" if part.get("width") and part.get("height") else ""
        return _NOT_EXPORTED.format(what=f"image{size}")
    return _NOT_EXPORTED.format(what="recording") if "audio" in kind or "video" in kind else ""


def _thoughts(content: Mapping[str, Any]) -> Iterator[str]:
    listed = content.get("thoughts")
    for thought in listed if isinstance(listed, list) else ():
        if isinstance(thought, dict):
            lines = [str(thought[key]).strip() for key in ("summary", "content") if thought.get(key)]
            if lines:
                yield "\n".join(lines)


def _fence(code: object, language: str) -> str:
    text = str(code or "").strip("\n")
    if not text.strip():
        return ""
    longest = max((len(run) for run in re.findall("`{3,}", text)), default=2)
    marks = "`" * (longest + 1)
    return f"{marks}{language if language != 'unknown' else ''}\n{text}\n{marks}"


def _quote(content: Mapping[str, Any]) -> str:
    lines = str(content.get("text") or "").strip().splitlines()
    title, url = content.get("title"), content.get("url")
    source = f"[{title or url}]({url})" if url else str(title or "")
    return "\n".join([*(f"> {line}" for line in lines), *([f"> — {source}"] if source else [])])


def _attachments(message: Mapping[str, Any]) -> str:
    listed = _metadata(message).get("attachments")
    names = [
        str(entry["name"]) for entry in (listed if isinstance(listed, list) else ())
        if isinstance(entry, dict) and entry.get("name") and not str(entry.get("mime_type")).startswith("image/")
    ]  # fmt: skip
    return "\n".join(_NOT_EXPORTED.format(what=f"file {name}") for name in names)
