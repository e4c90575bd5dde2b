"""Uploads of models' files: in parts to the bucket, from there to a server in the background."""

import uuid

from shared import pulls, uploads
from shared.errors import Conflict, NotFound
from shared.pulls import BUSY, Pull, Wish
from shared.uploads import Etags, FileUpload, PartsForm, PartUrls

PART_BYTES = 16 * 1024 * 1024
LARGEST = uploads.MOST_PARTS * PART_BYTES


def begin(user_id: str, url: str, model: str, size: int) -> FileUpload:
    """Begins an upload. Raises `Conflict` while the model is on its way to this server."""
    _refuse_if_busy(url, model)
    key = f"models/{user_id}/{uuid.uuid4()}"
    about = {"url": url, "model": model}
    return uploads.begin(_context(user_id), key, "application/octet-stream", size, PART_BYTES, about)


def part_urls(user_id: str, sealed: str, form: PartsForm) -> PartUrls:
    """Where parts are PUT. Raises `NotFound`."""
    return uploads.part_urls(uploads.opened(_context(user_id), sealed), form)


def complete(user_id: str, sealed: str, etags: Etags) -> Pull:
    """Makes the file of its parts and has it brought to the server. Raises `Conflict`, `NotFound`."""
    upload = uploads.opened(_context(user_id), sealed)
    url, model = upload.about["url"], upload.about["model"]
    _refuse_if_busy(url, model)
    uploads.complete(upload, etags)
    return pulls.start(url, model, user_id, Wish("create", file=upload.key))


def _refuse_if_busy(url: str, model: str) -> None:
    try:
        under_way = pulls.get(pulls.pull_id(url, model)).active
    except NotFound:
        return
    if under_way:
        raise Conflict(BUSY)


def _context(user_id: str) -> str:
    return f"model-upload:{user_id}"
