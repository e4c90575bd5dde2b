"""Use cases of files."""

import time
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from functions.knowledge import file_views, kept
from functions.knowledge.file_uploads import checked_name, media_type, started
from functions.knowledge.models import Done, FileModel, FileModelResponse
from shared import delivery, files
from shared.chats import sharing
from shared.errors import Forbidden, Invalid, NotFound, TooLarge
from shared.files import NO_FILE, FileItem
from shared.identity.sessions import Identity
from shared.ingestion import requests, state
from shared.knowledge import items, membership
from shared.knowledge.access import LONGEST_ID, readable_files
from shared.people import owners
from shared.storage import objects

# What a request may bring, and an answer carry within Lambda's 6 MB (base64).
UPLOAD_BYTES = 4 * 1024 * 1024
CONTENT_BYTES = 4 * 1024 * 1024
WAITED_SECONDS, LOOK_SECONDS = 20.0, 0.25
"""API Gateway waits 29 s for an answer, all of it."""
_REDIRECT_SECONDS = 300
_SHOWN_INLINE = ("text/plain", "application/pdf")
_NOTHING_RUNS = "sandbox; default-src 'none'"
_PAGE = f"{_NOTHING_RUNS}; style-src 'unsafe-inline'; img-src data:"


def upload(
    identity: Identity, filename: str, content_type: str, content: bytes, metadata: str | None, *, process: bool
) -> FileItem:
    """Stores a file of the person, and has it read."""
    if len(content) > UPLOAD_BYTES:
        raise TooLarge("A file can have at most 4 MB here. Larger ones are uploaded in parts.")
    if not content:
        raise Invalid("The file is empty. Choose another one.")
    name = checked_name(identity, filename, len(content), process=process)
    kind = files.image_type(content)
    claimed = media_type(content_type)
    if kind is None and claimed.startswith("image/") and claimed != "image/svg+xml":
        raise Invalid("This is not an image that browsers can show. Use PNG, JPEG, GIF, WebP or AVIF.")
    meta = {"data": kept.read("metadata", metadata)}
    item = files.store(identity.id, name, kind or claimed or "application/octet-stream", content, meta=meta)
    return started(item) if process else item


def processed(item: FileItem, seconds: float = WAITED_SECONDS) -> FileItem:
    """The file once it has been read, or when that takes longer than `seconds`, as it is then."""
    deadline = time.monotonic() + seconds
    while item.status in state.PENDING and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
        item = files.find(item.file_id)
    return item


def shown(item: FileItem) -> FileModelResponse:
    """The file as its owner sees it."""
    return file_views.response(item)


def list_files(request: Request, identity: Identity, *, with_content: bool) -> Response:
    """The person's files, newest first."""
    return delivery.streamed(request, file_views.listed(files.of_user(identity.id), with_content=with_content))


def search(request: Request, identity: Identity, pattern: str, *, with_content: bool) -> Response:
    """The person's files of that name; raises `NotFound` when there is none."""
    found = file_views.named(files.of_user(identity.id), pattern)
    if not found:
        raise NotFound("No file has a name like that. Try another pattern, such as *.pdf.")
    return delivery.streamed(request, file_views.listed(found, with_content=with_content))


def get(identity: Identity, file_id: str) -> FileModel:
    """What is known of a file; to others than its owner and admins not where it lies, and where else it is used."""
    item = readable(identity, file_id)
    shown = FileModel(**file_views.with_text(item).model_dump(), path=item.path)
    if _owned(identity, item):
        return shown
    bases = items.find_all(shown.knowledge)
    open_to = [name for name in shown.knowledge if name in bases and bases[name].readable_by(identity)]
    return shown.model_copy(update={"path": None, "chats": 0, "knowledge": open_to})


def content(identity: Identity | None, file_id: str, *, attachment: bool) -> Response:
    """The file's bytes, or where to get them. Nothing of it can run as a page of this site."""
    item = _shown(identity, file_id)
    inline = item.content_type in _SHOWN_INLINE or item.is_image
    return _bytes(item, item.content_type, inline=inline and not attachment, policy=_NOTHING_RUNS)


def page(identity: Identity, file_id: str) -> Response:
    """A file of an admin as a page (contract), in which nothing runs or is fetched."""
    item = readable(identity, file_id)
    owner = owners([item.user_id]).get(item.user_id)
    if owner is None or owner.role != "admin":
        raise NotFound(NO_FILE)
    return _bytes(item, "text/html; charset=utf-8", inline=True, policy=_PAGE)


def delete(identity: Identity, file_id: str) -> Done:
    """Deletes a file of the person, or any as an admin. Raises `NotFound`, `Forbidden`."""
    item = writable(identity, file_id)
    if not _owned(identity, item):
        raise Forbidden("Only its owner can delete this file. Take it out of the knowledge base instead.")
    requests.remove(item)
    return Done(message="File deleted successfully")


def delete_all() -> Done:
    """Deletes every file on this server."""
    requests.remove(*files.everything())
    files.delete_untold()
    return Done(message="All files deleted successfully")


def readable(identity: Identity, file_id: str) -> FileItem:
    """A file of the person's own, or in a knowledge base they may read; raises `NotFound`."""
    found = readable_files(identity, [file_id]).get(file_id)
    if found is None:
        raise NotFound(NO_FILE)
    return found


def writable(identity: Identity, file_id: str) -> FileItem:
    """A file whose text the person may write: their own, or one in a knowledge base they may write.

    Raises `NotFound`.
    """
    if len(file_id) > LONGEST_ID:
        raise NotFound(NO_FILE)
    item = files.find(file_id)
    if _owned(identity, item):
        return item
    bases = items.find_all(item.knowledge or ())
    if not any(base.writable_by(identity) and membership.holds(name, file_id) for name, base in bases.items()):
        raise NotFound(NO_FILE)
    return item


def _owned(identity: Identity, item: FileItem) -> bool:
    return item.user_id == identity.id or identity.is_admin


def _shown(identity: Identity | None, file_id: str) -> FileItem:
    """A file that the person may read, or an image in a chat that is shared with whoever asks."""
    sharing.check_reader(identity)
    if identity and (found := readable_files(identity, [file_id])):
        return found[file_id]
    item = files.find(file_id)
    if not sharing.shows(item):
        raise NotFound(NO_FILE)
    return item


def _bytes(item: FileItem, kind: str, *, inline: bool, policy: str) -> Response:
    disposition = f"{'inline' if inline else 'attachment'}; filename*=UTF-8''{quote(item.filename, safe='')}"
    headers = {
        "content-disposition": disposition,
        "x-content-type-options": "nosniff",
        "content-security-policy": policy,
        "cache-control": "private, max-age=3600",
    }
    if item.size > CONTENT_BYTES:
        # What is served from there has no policy: a page is only downloaded.
        if kind not in _SHOWN_INLINE and not item.is_image:
            disposition = disposition.replace("inline", "attachment", 1)
        url = objects.presigned_get(item.path, _REDIRECT_SECONDS, content_type=kind, disposition=disposition)
        return RedirectResponse(url, status_code=307, headers={"cache-control": "no-store"})
    return Response(files.content(item), media_type=kind, headers=headers)
