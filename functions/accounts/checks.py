"""Checks of what people enter; each returns the value to store or raises `Invalid` with what to do."""

import re
from datetime import date

from functions.accounts.models import DEFAULT_IMAGE
from shared.addresses import of_the_web
from shared.errors import Invalid
from shared.identity.models import ROLES, Role

MAX_EMAIL, MAX_NAME, MAX_PASSWORD, MAX_IMAGE, MAX_URL, MAX_BIO = 254, 100, 1000, 150_000, 2000, 5000
MIN_PASSWORD = 8

_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]+@(localhost|[^@\s.\x00-\x1f\x7f]+(\.[^@\s.\x00-\x1f\x7f]+)+)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def email(value: str) -> str:
    """The address in lower case."""
    value = value.strip().lower()
    if len(value) > MAX_EMAIL or not _EMAIL.fullmatch(value):
        raise Invalid("This is not an e-mail address. Enter one such as yourname@example.com.")
    return value


def name(value: str) -> str:
    """The name without white space around it."""
    value = value.strip()
    if not 1 <= len(value) <= MAX_NAME or _CONTROL.search(value):
        raise Invalid(f"Enter a name of 1 to {MAX_NAME} characters.")
    return value


def password(value: str) -> str:
    """A password to be set; those set before this rule still sign in (NIST SP 800-63B, 3.1.1.2: 8 at least)."""
    if not MIN_PASSWORD <= len(value) <= MAX_PASSWORD:
        raise Invalid(f"Enter a password of {MIN_PASSWORD} to {MAX_PASSWORD} characters.")
    return value


def role(value: str | None) -> Role:
    """One of the three roles."""
    for known in ROLES:
        if value == known:
            return known
    raise Invalid(f"There is no role {value!r}. Choose admin, user or pending.")


def short_text(value: str | None, what: str, limit: int = MAX_BIO) -> str | None:
    """A text of at most `limit` characters, None when empty."""
    if value is not None and len(value) > limit:
        raise Invalid(f"{what} is too long: {limit} characters at most.")
    return value or None


def birthday(value: date | None) -> str | None:
    """The date as text, such as 1990-12-31."""
    return value.isoformat() if value else None


def image(value: str | None) -> str:
    """An image's data URL (PNG, JPEG, GIF, WebP), http(s) address, path on this server that shows one, or the default.

    SVG is refused, since it can carry scripts; so are other paths, which would make every viewer call them.
    """
    value = (value or "").strip()
    if value in ("", DEFAULT_IMAGE) or own_image(value):
        return value or DEFAULT_IMAGE
    if value.startswith("data:"):
        from shared import pictures  # most requests bring none

        pictures.decode(value, MAX_IMAGE)
        return value
    if len(value) > MAX_URL or _CONTROL.search(value) or not of_the_web(value):
        raise Invalid("Choose a PNG, JPEG, GIF or WebP image, or give the full address of one.")
    return value


def own_image(value: str) -> bool:
    """Whether the value is the address by which this server shows a stored image."""
    return bool(re.fullmatch(r"/api/v1/users/[0-9a-fA-F-]+/profile/image(\?v=\w+)?", value))
