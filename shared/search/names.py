"""Names of spaces and collections as parts of keys, files and indexes."""

import hashlib
import re

_PLAIN = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")


def plain(name: str) -> str:
    """The name itself, where it is short, lower case and plain; otherwise one made of it."""
    return name if _PLAIN.fullmatch(name) else f"x-{hashlib.sha256(name.encode()).hexdigest()}"
