"""The one HTTP client that talks to addresses which people enter: every hop's address is checked before it is used."""

import asyncio
import ipaddress
import socket
import ssl
from functools import cache
from urllib.parse import urlsplit

import httpx2

from shared.llm.errors import SILENCE_SECONDS, ProviderError, Trouble
from shared.settings import settings

CONNECT_SECONDS = 3.0
TIMEOUT = httpx2.Timeout(SILENCE_SECONDS, connect=CONNECT_SECONDS)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Beside link-local addresses (169.254.169.254): where IPv6 instances have the metadata service.
_METADATA = ipaddress.ip_network("fd00:ec2::/32")


def allowed(address: Address) -> bool:
    """Whether a server may be called there: never metadata services; this machine itself only in the local stage."""
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None:
        return allowed(mapped)
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address in _METADATA:
        return False
    return settings().is_local or not address.is_loopback


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


class GuardedTransport(httpx2.AsyncBaseTransport):
    """Resolves a host, checks its addresses and connects to just those, so that no later look-up can differ.

    Redirects pass here too. TLS still verifies the name: it goes along as `sni_hostname`.
    """

    def __init__(self) -> None:
        self._inner = httpx2.AsyncHTTPTransport(verify=_ssl_context())

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        host, url = request.url.host, request.url
        addresses = await _resolve(host, url.port or (443 if url.scheme == "https" else 80))
        request.extensions = {**request.extensions, "sni_hostname": host}
        for address in addresses:
            request.url = url.copy_with(host=str(address))
            try:
                return await self._inner.handle_async_request(request)
            except httpx2.ConnectError:
                if address is addresses[-1]:
                    raise
            finally:
                request.url = url
        raise httpx2.ConnectError(f"{host} has no address", request=request)

    async def aclose(self) -> None:
        await self._inner.aclose()


def client(timeout: httpx2.Timeout = TIMEOUT) -> httpx2.AsyncClient:
    """A guarded client; it belongs to the event loop that uses it first."""
    return httpx2.AsyncClient(transport=GuardedTransport(), timeout=timeout, follow_redirects=True, max_redirects=3)


async def _resolve(host: str, port: int) -> list[Address]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise httpx2.ConnectError(f"{host} is not a known host") from error
    addresses = list(dict.fromkeys(ipaddress.ip_address(entry[4][0]) for entry in found))
    if not all(allowed(address) for address in addresses):
        raise _refused(host)
    return addresses


def _refused(host: str) -> ProviderError:
    return ProviderError(
        Trouble.REFUSED_ADDRESS,
        f"Connections to {host} are not allowed: that address belongs to this server or its cloud, not to a model.",
    )


@cache
def _ssl_context() -> ssl.SSLContext:
    return httpx2.create_ssl_context()
