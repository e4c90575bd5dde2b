"""The guarded client as model servers are called with it, which admins enter: they may be in private networks."""

import ipaddress
import re

import httpx2

from shared.addresses import parts_of
from shared.guarded import GuardedTransport
from shared.guarded import admins as allowed
from shared.llm.errors import SILENCE_SECONDS, ProviderError, Trouble

CONNECT_SECONDS = 3.0
TIMEOUT = httpx2.Timeout(SILENCE_SECONDS, connect=CONNECT_SECONDS)
LONGEST_URL = 1000

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # RFC 9110, section 5.6.2
_HEADER_VALUE = re.compile(r"[ -~\t]*")


def host_of(url: str) -> str:
    """Host and port of a URL, for people to read."""
    return (parts_of(url).netloc or url).rpartition("@")[2]


def origin_of(url: str) -> str:
    """What of a URL may be logged: scheme and host."""
    return f"{url.partition('://')[0]}://{host_of(url)}"


def without_password(url: str) -> str:
    """A URL as people may see it: without name and password."""
    scheme, _, rest = url.partition("://")
    place, slash, path = rest.partition("/")
    return f"{scheme}://{place.rpartition('@')[2]}{slash}{path}"


def check_url(url: str) -> None:
    """Refuses what can never be called, before it is stored; raises `ProviderError`."""
    if not url.lower().startswith(("http://", "https://")):
        raise _no_address(f"{without_password(url[:200])} is not an address that starts with http:// or https://.")
    if len(url) > LONGEST_URL:
        raise _no_address(f"This address is longer than {LONGEST_URL} characters. Check it.")
    host = parts_of(url).hostname
    if not host or not _callable(url):
        raise _no_address("This address has a host or a port that cannot be, or a space in it. Check it.")
    try:
        literal = ipaddress.ip_address(host)
    except ValueError:
        return
    if not allowed(literal):
        raise _refused(host)


def check_header(name: str, value: str, what: str) -> None:
    """Refuses a header that no request can carry; `what` says what it is made of. Raises `ProviderError`."""
    if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
        raise ProviderError(
            Trouble.REQUEST,
            f"No request can carry {what}: it has a letter that is not English, a typographic mark or a line break. "
            "Copy it again.",
        )


def client(timeout: httpx2.Timeout = TIMEOUT) -> httpx2.AsyncClient:
    """A guarded client; it belongs to the event loop that uses it first."""
    transport = GuardedTransport(allowed, _refused)
    return httpx2.AsyncClient(transport=transport, timeout=timeout, follow_redirects=True, max_redirects=3)


def _callable(url: str) -> bool:
    try:
        httpx2.URL(url)
    except httpx2.InvalidURL:
        return False
    return not any(letter.isspace() for letter in url)


def _no_address(detail: str) -> ProviderError:
    return ProviderError(Trouble.REFUSED_ADDRESS, detail)


def _refused(host: str) -> ProviderError:
    return ProviderError(
        Trouble.REFUSED_ADDRESS,
        f"Connections to {host} are not allowed: that address belongs to this server or its cloud, not to a model.",
    )
