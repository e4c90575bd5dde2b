"""Files that come in parts, of any size up to what an admin allows."""

import re
import uuid

from functions.knowledge import kept
from functions.knowledge.models import Done, FileUploadForm
from shared import files, uploads
from shared.errors import Forbidden, Invalid, NotFound, TooLarge
from shared.files import FileItem
from shared.identity.permissions import permissions
from shared.identity.sessions import Identity
from shared.ingestion import limits, requests
from shared.storage import objects
from shared.uploads import Etags, FileUpload, PartsForm, PartUrls

PART_BYTES = 8 * 1024 * 1024
_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+_-]{1,100}")
# Clients that show a picture or play a video send it to a model as it is: there is nothing to search in.
_NOT_READ = ("image/", "video/")


def begin(identity: Identity, form: FileUploadForm) -> FileUpload:
    """Begins an upload; raises `Forbidden`, `Invalid`, `TooLarge`."""
    name = checked_name(identity, form.filename, form.size, process=form.process)
    file_id = str(uuid.uuid4())
    kind = media_type(form.content_type) or "application/octet-stream"
    about = {
        "file_id": file_id,
        "name": name,
        "content_type": kind,
        "metadata": kept.checked("metadata", form.metadata or {}),
        "process": form.process,
    }
    if len(str(about["metadata"])) > 1000:
        raise Invalid("The metadata of an upload can have 1,000 characters. Send less of it.")
    return uploads.begin(_context(identity), files.path(identity.id, file_id), kind, form.size, PART_BYTES, about)


def part_urls(identity: Identity, upload_id: str, form: PartsForm) -> PartUrls:
    """Where parts are PUT; raises `NotFound`."""
    return uploads.part_urls(uploads.opened(_context(identity), upload_id), form)


def complete(identity: Identity, upload_id: str, form: Etags) -> FileItem:
    """Makes the file; repeated, the same one. Raises `NotFound`, `Conflict`, `TooLarge`."""
    upload = uploads.opened(_context(identity), upload_id)
    about = upload.about
    try:
        return files.find(about["file_id"])
    except NotFound:
        uploads.complete(upload, form)
    size = objects.size(upload.key) or 0
    if size != upload.size:
        objects.delete(upload.key)
        raise Invalid(f"The file has {size:,} bytes, not the {upload.size:,} that were announced. Upload it again.")
    kind = files.image_type(objects.part_of(upload.key, 0, 63)) or about["content_type"]
    item = files.register(
        identity.id, about["name"], kind, size, file_id=about["file_id"], meta={"data": about["metadata"]}
    )
    return started(item) if about["process"] else item


def abandon(identity: Identity, upload_id: str) -> Done:
    """Gives an upload up; raises `NotFound`."""
    upload = uploads.opened(_context(identity), upload_id)
    objects.abandon_parts(upload.key, upload.upload_id)
    return Done(message="Upload given up")


def checked_name(identity: Identity, filename: str, size: int, *, process: bool) -> str:
    """The name of a file that a person may upload; raises `Forbidden`, `Invalid`, `TooLarge`."""
    if not identity.is_admin and not permissions().chat.file_upload:
        raise Forbidden("An admin has switched off uploading files.")
    if reason := limits.over_size(size):
        raise TooLarge(reason)
    name = filename.replace("\\", "/").rpartition("/")[2][:255] or "file"
    if process and (reason := limits.wrong_type(name)):
        raise Invalid(reason)
    return name


def media_type(claimed: str) -> str:
    """What a client says a file is, where that is a media type; empty otherwise."""
    kind = claimed.partition(";")[0].strip().lower()
    return kind if _MEDIA_TYPE.fullmatch(kind) else ""


def started(item: FileItem) -> FileItem:
    """A file whose reading has been asked for, if it is one that is read."""
    if item.content_type.startswith(_NOT_READ) and "svg" not in item.content_type:
        return item
    requests.ingest(item.file_id)
    return files.find(item.file_id)


def _context(identity: Identity) -> str:
    return f"file-upload:{identity.id}"
