"""Secrets in settings: stored encrypted, shown as a mask. A mask that comes back stands for what is stored."""

from collections.abc import Iterable
from functools import lru_cache

from shared.errors import Invalid
from shared.identity.keys import seal, unseal

MASK = "••••••••"


@lru_cache(maxsize=256)
def opened(sealed: str, context: str) -> str:
    """The text of a sealed value; empty stays empty."""
    return unseal(sealed, context) if sealed else ""


def closed(value: str, context: str) -> str:
    """The sealed form of a value; empty stays empty. Raises `Invalid` for what is no text."""
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise Invalid("A key has characters that are no text. Copy it again.")
    return seal(value, context) if value else ""


def masked(secret: str) -> str:
    """What of a secret a browser may see: its last four characters, if it is long."""
    if not secret:
        return ""
    return MASK + (secret[-4:] if len(secret) >= 16 else "")


def kept(value: str, stored: Iterable[str], context: str, problem: str) -> str:
    """The sealed form of a value that was entered, or that one of the stored which its mask stands for.

    Raises `Invalid`, which says `problem`, for a mask of nothing that is stored.
    """
    if not value.startswith(MASK):
        return closed(value, context)
    for candidate in stored:
        if candidate and masked(opened(candidate, context)) == value:
            return candidate
    raise Invalid(problem)
