"""Profile images: small ones are stored apart from the user, who carries the address by which this server shows it."""

import hashlib

from fastapi import Response
from fastapi.responses import RedirectResponse

from functions.accounts import checks
from functions.accounts.models import DEFAULT_IMAGE
from functions.accounts.store import ImageItem
from shared import pictures
from shared.errors import Invalid
from shared.identity.models import UserItem


def kept(user_id: str, value: str | None) -> tuple[str, ImageItem | None]:
    """The address to keep of an image that somebody chose, and what is to be stored with it when it came whole.

    Raises `Invalid`.
    """
    value = checks.image(value)
    own = f"/api/v1/users/{user_id}/profile/image"
    if checks.own_image(value):
        if value.partition("?")[0] != own:
            raise Invalid("This is somebody else's image. Choose one of your own.")
        return value, None
    if value.startswith("data:"):
        address = f"{own}?v={hashlib.sha256(value.encode()).hexdigest()[:12]}"
        return address, ImageItem(*ImageItem.key(user_id), data_url=value)
    return value, None


def response(user: UserItem) -> Response:
    """The image itself, a redirect to where it lies, or the person's initials."""
    url = user.profile_image_url or DEFAULT_IMAGE
    if url.startswith(("http://", "https://")):
        return RedirectResponse(url, status_code=302, headers={"cache-control": pictures.HEADERS["cache-control"]})
    if checks.own_image(url):
        try:
            stored = ImageItem.get(*ImageItem.key(user.user_id))
        except ImageItem.DoesNotExist:
            return Response(initials(user), media_type="image/svg+xml", headers=pictures.HEADERS)
        media_type, body = pictures.decode(stored.data_url, checks.MAX_IMAGE)
        return Response(body, media_type=media_type, headers=pictures.HEADERS)
    return Response(initials(user), media_type="image/svg+xml", headers=pictures.HEADERS)


def initials(user: UserItem) -> str:
    """A square of the person's own colour with the first letters of their first and last name, as SVG."""
    return pictures.initials(user.name, user.user_id)
