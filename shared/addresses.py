"""Addresses that people give, taken apart. Nothing is called here: `shared.guarded` does, which needs a client."""

from urllib.parse import SplitResult, urlsplit


def parts_of(url: str) -> SplitResult:
    """The parts of an address; of what is none, empty ones."""
    try:
        parts = urlsplit(url.strip())
        _ = parts.hostname, parts.port, url.encode()
    except ValueError:
        return urlsplit("")
    return parts


def of_the_web(url: str) -> bool:
    """Whether it is the full address of something on the web."""
    parts = parts_of(url)
    return parts.scheme in ("http", "https") and bool(parts.hostname)
