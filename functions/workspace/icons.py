"""Icons of presets: pictures lie in S3, the preset has the address by which this server shows them."""

import base64
import hashlib
import re
from urllib.parse import parse_qs, quote

from botocore.exceptions import ClientError

from shared import pictures
from shared.addresses import of_the_web
from shared.errors import Invalid
from shared.files import image_type
from shared.presets import icons_of
from shared.storage import objects

ROUTE = "/api/v1/models/model/profile/image"
LARGEST = 1_000_000
_LONGEST_URL = 2000
_UNSAFE = re.compile(r"[\x00-\x20\x7f]")
# Icons that stock clients bring along. Other paths are refused: every viewer's browser would call them.
_STATIC = re.compile(r"/(static/[\w./-]+|[\w-]+\.(png|svg|ico|webp|jpe?g|gif))")
UNSUPPORTED = "Choose a PNG, JPEG, GIF or WebP image, or give the full address of one."


def keep(preset_id: str, value: str | None) -> str | None:
    """Checks an icon that somebody chose, stores it when it came whole, and returns the address to keep.

    Of another preset's icon, as a clone has it, a copy is made. Raises `Invalid`.
    """
    value = (value or "").strip()
    if value.startswith("data:"):
        return _store(preset_id, *pictures.decode(value, LARGEST))
    if not value or (_STATIC.fullmatch(value) and ".." not in value):
        return value or None
    if of := _stored(value):
        content = _content(*of)
        return _store(preset_id, image_type(content) or "", content) if content and of[0] != preset_id else value
    if len(value) > _LONGEST_URL or _UNSAFE.search(value) or not of_the_web(value):
        raise Invalid(UNSUPPORTED)
    return value


def read(url: str | None) -> tuple[str, bytes] | None:
    """Media type and bytes of a stored icon; None of any other, and when it is gone."""
    of = _stored(url or "")
    content = _content(*of) if of else None
    return (image_type(content) or "application/octet-stream", content) if content else None


def whole(url: str | None) -> str | None:
    """A stored icon as a data URL, which another server can import; any other as it is."""
    found = read(url)
    return f"data:{found[0]};base64,{base64.b64encode(found[1]).decode()}" if found else url


def drop(preset_id: str, url: str | None, *, keeping: str | None = None) -> None:
    """Deletes a preset's stored icon, unless it is the one at `keeping`."""
    of = _stored(url or "")
    if of and of[0] == preset_id and url != keeping:
        objects.delete(_key(*of))


def _store(preset_id: str, kind: str, content: bytes) -> str:
    digest = hashlib.sha256(content).hexdigest()[:16]
    objects.put(_key(preset_id, digest), content, kind)
    return f"{ROUTE}?id={quote(preset_id, safe='')}&v={digest}"


def _stored(url: str) -> tuple[str, str] | None:
    """Preset and digest of an icon of this server, by its address."""
    path, _, query = url.partition("?")
    values = parse_qs(query)
    if path != ROUTE or "id" not in values or not re.fullmatch("[0-9a-f]{16}", values.get("v", [""])[0]):
        return None
    return values["id"][0], values["v"][0]


def _content(preset_id: str, digest: str) -> bytes | None:
    try:
        return objects.get(_key(preset_id, digest))
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("NoSuchKey", "404"):
            raise
        return None


def _key(preset_id: str, digest: str) -> str:
    return f"{icons_of(preset_id)}{digest}"
