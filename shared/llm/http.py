"""The guarded client as model servers are called with it, which admins enter: they may be in private networks."""

import ipaddress
from urllib.parse import urlsplit

import httpx2

from shared.guarded import GuardedTransport
from shared.guarded import admins as allowed
from shared.llm.errors import SILENCE_SECONDS, ProviderError, Trouble

CONNECT_SECONDS = 3.0
TIMEOUT = httpx2.Timeout(SILENCE_SECONDS, connect=CONNECT_SECONDS)


def host_of(url: str) -> str:
    """Host and port of a URL, for people to read."""
    return urlsplit(url).netloc.rpartition("@")[2] or url


def check_url(url: str) -> None:
    """Refuses what can never be called, before it is stored; raises `ProviderError`."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ProviderError(Trouble.REFUSED_ADDRESS, f"{url} is not an address that starts with http:// or https://.")
    try:
        literal = ipaddress.ip_address(parts.hostname)
    except ValueError:
        return
    if not allowed(literal):
        raise _refused(parts.hostname)


def client(timeout: httpx2.Timeout = TIMEOUT) -> httpx2.AsyncClient:
    """A guarded client; it belongs to the event loop that uses it first."""
    transport = GuardedTransport(allowed, _refused)
    return httpx2.AsyncClient(transport=transport, timeout=timeout, follow_redirects=True, max_redirects=3)


def _refused(host: str) -> ProviderError:
    return ProviderError(
        Trouble.REFUSED_ADDRESS,
        f"Connections to {host} are not allowed: that address belongs to this server or its cloud, not to a model.",
    )
