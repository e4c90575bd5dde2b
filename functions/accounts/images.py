"""Profile images: small ones are stored apart from the user, who carries the address by which this server shows it."""

import hashlib
from html import escape

from fastapi import Response
from fastapi.responses import RedirectResponse

from functions.accounts import checks
from functions.accounts.models import DEFAULT_IMAGE
from functions.accounts.store import ImageItem
from shared.errors import Invalid
from shared.identity.models import UserItem

_COLOURS = ("#3b6ea5", "#5b6bb5", "#7a5ea8", "#a0527f", "#a65d3f", "#7f7330", "#4a7d4a", "#2f7d7a")
_HEADERS = {
    "cache-control": "private, max-age=300",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "x-content-type-options": "nosniff",
}


def store(user_id: str, value: str | None) -> str:
    """Checks an image that somebody chose, stores it when it came whole, and returns the address to keep.

    Raises `Invalid`.
    """
    value = checks.image(value)
    own = f"/api/v1/users/{user_id}/profile/image"
    if checks.own_image(value):
        if value.partition("?")[0] != own:
            raise Invalid("This is somebody else's image. Choose one of your own.")
        return value
    if value.startswith("data:"):
        ImageItem(*ImageItem.key(user_id), data_url=value).save()
        return f"{own}?v={hashlib.sha256(value.encode()).hexdigest()[:12]}"
    return value


def response(user: UserItem) -> Response:
    """The image itself, a redirect to where it lies, or the person's initials."""
    url = user.profile_image_url or DEFAULT_IMAGE
    if url.startswith(("http://", "https://")):
        return RedirectResponse(url, status_code=302, headers={"cache-control": _HEADERS["cache-control"]})
    if checks.own_image(url):
        try:
            stored = ImageItem.get(*ImageItem.key(user.user_id))
        except ImageItem.DoesNotExist:
            return Response(initials(user), media_type="image/svg+xml", headers=_HEADERS)
        media_type, body = checks.decode_image(stored.data_url)
        return Response(body, media_type=media_type, headers=_HEADERS)
    return Response(initials(user), media_type="image/svg+xml", headers=_HEADERS)


def initials(user: UserItem) -> str:
    """A square of the person's own colour with the first letters of their first and last name, as SVG."""
    words = user.name.split() or ["?"]
    letters = words[0][0] + (words[-1][0] if len(words) > 1 else "")
    colour = _COLOURS[hashlib.sha256(user.user_id.encode()).digest()[0] % len(_COLOURS)]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="64" height="64">'
        f'<rect width="64" height="64" fill="{colour}"/>'
        '<text x="32" y="33" fill="#fff" font-family="system-ui, sans-serif" font-size="26" font-weight="500" '
        f'text-anchor="middle" dominant-baseline="central">{escape(letters.upper())}</text></svg>'
    )
