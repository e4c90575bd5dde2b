"""Small pictures that stand for people and models: read from data URLs, or drawn from a name."""

import base64
import binascii
import hashlib
import re
from html import escape

from shared.errors import Invalid
from shared.files import image_type

TYPES = ("image/png", "image/jpeg", "image/gif", "image/webp")
HEADERS = {
    "cache-control": "private, max-age=300",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "x-content-type-options": "nosniff",
}
_COLOURS = ("#3b6ea5", "#5b6bb5", "#7a5ea8", "#a0527f", "#a65d3f", "#7f7330", "#4a7d4a", "#2f7d7a")
_DATA_URL = re.compile(r"data:image/[a-z+.-]+;base64,(.*)", re.DOTALL)


def decode(data_url: str, limit: int) -> tuple[str, bytes]:
    """Media type, by the first bytes, and the bytes of a picture of at most `limit` bytes; raises `Invalid`."""
    found = _DATA_URL.fullmatch(data_url)
    if found and len(found[1]) * 3 // 4 > limit:
        raise Invalid(f"This image is too large: {limit // 1000} KB at most. Choose a smaller one.")
    try:
        content = base64.b64decode(found[1], validate=True) if found else b""
    except binascii.Error as error:
        raise Invalid("This image is damaged. Choose another one.") from error
    kind = image_type(content)
    if kind not in TYPES:
        raise Invalid("This kind of image is not supported. Choose a PNG, JPEG, GIF or WebP image.")
    return kind, content


def initials(name: str, seed: str) -> str:
    """A square, its colour from `seed`, with the first letters of the first and last word of a name, as SVG."""
    words = name.split() or ["?"]
    letters = words[0][0] + (words[-1][0] if len(words) > 1 else "")
    colour = _COLOURS[hashlib.sha256(seed.encode()).digest()[0] % len(_COLOURS)]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="64" height="64">'
        f'<rect width="64" height="64" fill="{colour}"/>'
        '<text x="32" y="33" fill="#fff" font-family="system-ui, sans-serif" font-size="26" font-weight="500" '
        f'text-anchor="middle" dominant-baseline="central">{escape(letters.upper())}</text></svg>'
    )
