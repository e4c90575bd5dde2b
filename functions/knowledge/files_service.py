"""Use cases of files."""

import json
import re
from typing import Any
from urllib.parse import quote

from fastapi import Response
from fastapi.responses import RedirectResponse

from functions.knowledge.models import Done, FileMeta, FileModel, FileModelResponse
from shared import files
from shared.chats import sharing
from shared.errors import Forbidden, Invalid, NotFound, TooLarge
from shared.files import NO_FILE, FileItem
from shared.identity.permissions import permissions
from shared.identity.sessions import Identity
from shared.storage import objects

# What a request may bring, and an answer carry within Lambda's 6 MB (base64).
UPLOAD_BYTES = 4 * 1024 * 1024
CONTENT_BYTES = 4 * 1024 * 1024
_REDIRECT_SECONDS = 300
_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+_-]{1,100}")
_SHOWN_INLINE = ("text/plain", "application/pdf")


def upload(
    identity: Identity, filename: str, content_type: str, content: bytes, metadata: str | None
) -> FileModelResponse:
    """Stores a file of the person."""
    if not identity.is_admin and not permissions().chat.file_upload:
        raise Forbidden("An admin has switched off uploading files.")
    if len(content) > UPLOAD_BYTES:
        raise TooLarge("A file can have at most 4 MB here. Make an image smaller, or split the file.")
    if not content:
        raise Invalid("The file is empty. Choose another one.")
    name = filename.replace("\\", "/").rpartition("/")[2][:255] or "file"
    kind = files.image_type(content)
    claimed = content_type.partition(";")[0].strip().lower()
    claimed = claimed if _MEDIA_TYPE.fullmatch(claimed) else ""
    if kind is None and claimed.startswith("image/") and claimed != "image/svg+xml":
        raise Invalid("This is not an image that browsers can show. Use PNG, JPEG, GIF, WebP or AVIF.")
    meta = {"data": _metadata(metadata)}
    return _response(files.store(identity.id, name, kind or claimed or "application/octet-stream", content, meta=meta))


def list_files(identity: Identity, *, with_content: bool) -> list[FileModelResponse]:
    """The person's files, newest first."""
    found = [_response(item) for item in files.of_user(identity.id)]
    if not with_content:
        for file in found:
            file.data = {key: value for key, value in (file.data or {}).items() if key != "content"}
    return found


def get(identity: Identity, file_id: str) -> FileModel:
    """What is known of a file."""
    item = _readable(identity, file_id)
    return FileModel(**_response(item).model_dump(), path=item.path)


def content(identity: Identity | None, file_id: str, *, attachment: bool) -> Response:
    """The file's bytes, or where to get them. Nothing of it can run as a page of this site."""
    item = _shown(identity, file_id)
    shown = item.content_type in _SHOWN_INLINE or item.is_image
    kind = "inline" if shown and not attachment else "attachment"
    disposition = f"{kind}; filename*=UTF-8''{quote(item.filename, safe='')}"
    headers = {
        "content-disposition": disposition,
        "x-content-type-options": "nosniff",
        "content-security-policy": "sandbox; default-src 'none'",
        "cache-control": "private, max-age=3600",
    }
    if item.size > CONTENT_BYTES:
        url = objects.presigned_get(
            item.path, _REDIRECT_SECONDS, content_type=item.content_type, disposition=disposition
        )
        return RedirectResponse(url, status_code=307, headers={"cache-control": "no-store"})

    return Response(files.content(item), media_type=item.content_type, headers=headers)


def delete(identity: Identity, file_id: str) -> Done:
    """Deletes a file of the person, or any as an admin."""
    files.delete(_readable(identity, file_id))
    return Done(message="File deleted successfully")


def delete_all() -> Done:
    """Deletes every file on this server."""
    files.delete_everything()
    return Done(message="All files deleted successfully")


def _readable(identity: Identity, file_id: str) -> FileItem:
    item = files.find(file_id)
    if item.user_id != identity.id and not identity.is_admin:
        raise NotFound(NO_FILE)
    return item


def _shown(identity: Identity | None, file_id: str) -> FileItem:
    """A file of the person's own, or an image in a chat that is shared with whoever asks."""
    sharing.check_reader(identity)
    item = files.find(file_id)
    if identity and (item.user_id == identity.id or identity.is_admin):
        return item
    if not sharing.shows(item):
        raise NotFound(NO_FILE)
    return item


def _metadata(text: str | None) -> dict[str, Any]:
    if not text:
        return {}
    try:
        value = json.loads(text)
    except ValueError as error:
        raise Invalid("The field metadata is not JSON.") from error
    if not isinstance(value, dict):
        raise Invalid("The field metadata is not a JSON object.")
    return value


def _response(item: FileItem) -> FileModelResponse:
    meta = {**(item.meta or {}), "name": item.filename, "content_type": item.content_type, "size": int(item.size)}
    return FileModelResponse(
        id=item.file_id,
        user_id=item.user_id,
        hash=item.hash,
        filename=item.filename,
        data=item.data or {},
        meta=FileMeta(**meta),
        created_at=int(item.created_at),
        updated_at=int(item.updated_at),
    )
