"""Documents as answers: chats as JSON, Markdown, plain text and PDF."""

import re
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from shared import delivery
from shared.chats import store, tree
from shared.chats.whole import whole
from shared.errors import Forbidden, Invalid, NotFound
from shared.identity.permissions import permissions
from shared.identity.sessions import Identity
from shared.storage import objects

TYPES = {
    "json": "application/json",
    "md": "text/markdown; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "pdf": "application/pdf",
}
_REDIRECT_SECONDS = 300
# What models think, as Open WebUI keeps it within the text.
_REASONING = re.compile(r'<details type="(?:reasoning|code_interpreter)"[^>]*>.*?</details>\s*', re.DOTALL)
_WHO = {"user": "You", "assistant": "Assistant", "system": "System"}


def exported(request: Request, identity: Identity, chat_id: str, form: str, message_id: str | None) -> Response:
    """A chat of the person as a document. Raises `NotFound`, and `Forbidden` where an admin switched it off."""
    if not identity.is_admin and not permissions().chat.export:
        raise Forbidden("An admin has switched off exporting chats.")
    chat = whole(store.owned(chat_id, identity.id))
    chat["chat"]["history"].pop(tree.MARK, None)
    title = str(chat["title"])
    if form == "json":
        answer = delivery.body(request, [chat])
        answer.headers["content-disposition"] = _disposition(title, form)
        return answer
    messages = chat["chat"]["history"]["messages"]
    if message_id and message_id not in messages:
        raise NotFound("This message does not exist. It may have been deleted.")
    branch = tree.branch(messages, message_id or chat["chat"]["history"]["currentId"])
    if form == "pdf":
        return printed(request, title, branch)
    return _document(markdown(title, branch) if form == "md" else plain(title, branch), title, form)


def printed(request: Request, title: str, messages: Iterable[Mapping[str, Any]]) -> Response:
    """A conversation as a PDF."""
    from functions.transfer.pdf import typeset  # a second of imports, which nothing else here needs

    return _document(typeset(title, [_entry(message) for message in messages]), title, "pdf")


def html(text: str) -> str:
    """Markdown as HTML, tables and all; HTML in it is shown as text."""
    from functions.transfer.markup import parser

    return str(parser().render(text))


def formatted(code: str) -> str:
    """Python code as Black formats it. Raises `Invalid` for what is no Python."""
    import black
    from black.parsing import InvalidInput

    try:
        return str(black.format_str(code, mode=black.Mode()))
    except (InvalidInput, ValueError) as error:
        raise Invalid(f"This is not Python that can be formatted: {error}") from error


def markdown(title: str, messages: Iterable[Mapping[str, Any]]) -> str:
    """A conversation in Markdown: a heading for each message, its text as it is."""
    parts = [f"# {title}", *(f"## {who}\n\n{text}" for who, text in map(_entry, messages))]
    return "\n\n".join(parts) + "\n"


def plain(title: str, messages: Iterable[Mapping[str, Any]]) -> str:
    """A conversation in plain text: who said it, and what."""
    parts = [f"{title}\n{'=' * min(len(title), 78)}", *(f"{who}:\n{text}" for who, text in map(_entry, messages))]
    return "\n\n".join(parts) + "\n"


def _entry(message: Mapping[str, Any]) -> tuple[str, str]:
    """Who said it (and when), and what, without the model's reasoning."""
    role = str(message.get("role") or "")
    model = message.get("modelName") or message.get("model")
    who = str(model) if role == "assistant" and model else _WHO.get(role, role or "Message")
    moment = message.get("timestamp")
    if isinstance(moment, int | float) and 0 < moment < 253402300800:
        who += f" · {datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M} UTC"
    content = message.get("content")
    if isinstance(content, list):
        texts = [str(part["text"]) for part in content if isinstance(part, dict) and part.get("text")]
        content = "\n\n".join(texts)
    text = _REASONING.sub("", content) if isinstance(content, str) else ""
    error = message.get("error")
    if isinstance(error, dict) and error.get("content"):
        text = f"{text}\n\n> {error['content']}"
    return who, f"{text.strip()}\n\n{_sources(message)}".strip()


def _sources(message: Mapping[str, Any]) -> str:
    """What the numbers in an answer stand for."""
    if not message.get("sources"):
        return ""
    from shared.grounding.numbering import numbered

    named = enumerate(numbered(message.get("sources")), start=1)
    return "\n".join(
        f"[{number}] {name}{f' <{url}>' if url and url != name else ''}  " for number, (name, url) in named
    )


def _document(content: str | bytes, title: str, form: str) -> Response:
    """A document to save, or where it is (303: by GET)."""
    raw = content if isinstance(content, bytes) else content.encode(errors="replace")
    if len(raw) <= delivery.RESPONSE_BYTES:
        headers = {"content-disposition": _disposition(title, form), "cache-control": "no-store"}
        return Response(raw, media_type=TYPES[form], headers=headers)
    key = f"responses/{uuid.uuid4()}.{form}"
    objects.put(key, raw, TYPES[form])
    url = objects.presigned_get(key, _REDIRECT_SECONDS, content_type=TYPES[form], disposition=_disposition(title, form))
    return RedirectResponse(url, status_code=303, headers={"cache-control": "no-store"})


def _disposition(title: str, form: str) -> str:
    """The name to save it by (RFC 6266)."""
    name = re.sub(r'[\x00-\x1f\x7f/\\:*?"<>|]+', " ", title).strip(" .")[:100] or "chat"
    plain_name = name.encode("ascii", "ignore").decode().strip() or "chat"
    encoded = quote(name.encode(errors="replace"))
    return f"attachment; filename=\"{plain_name}.{form}\"; filename*=UTF-8''{encoded}.{form}"
