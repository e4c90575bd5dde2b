"""The one HTTP client for addresses that people enter: each hop is resolved, checked, and reached at just that address.

`shared.llm.http` has it for the servers of admins, which may be in private networks; `page_client` and `fetch` are for
addresses that anybody may give.
"""

import asyncio
import codecs
import ipaddress
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx2

from shared.addresses import of_the_web, parts_of
from shared.errors import Invalid, TooLarge, Upstream
from shared.settings import settings

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 20.0
MOST_REDIRECTS = 5
LARGEST_PAGE = 10 * 1024 * 1024
AGENT = "Mozilla/5.0 (compatible; Cirrus)"

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Rule = Callable[[Address], bool]

# Beside link-local addresses (169.254.169.254): where IPv6 instances have the metadata service.
_METADATA = ipaddress.ip_network("fd00:ec2::/32")
# NAT64 (RFC 6052) and IPv4-compatible (RFC 4291) addresses: the last four bytes are an IPv4 address.
_ENDING_IN_IPV4 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("::/96"))
_NOT_IPV4 = (ipaddress.IPv6Address("::"), ipaddress.IPv6Address("::1"))
# Python's own ways to write text, which no page is written in: some fail, some are slow, some end in half characters.
_NO_CHARSETS = ("idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7")


class RefusedAddress(Invalid):
    """An address that is not called for people."""


@dataclass(frozen=True)
class Fetched:
    """What an address answered, at the end of its redirects. `kind` is the media type without parameters."""

    url: str
    kind: str
    charset: str | None
    content: bytes

    @property
    def text(self) -> str:
        """The content as text, by the charset it names where that is one; otherwise by UTF-8."""
        charset = self.charset or "utf-8"
        try:
            known = codecs.lookup(charset).name not in _NO_CHARSETS
            return self.content.decode(charset if known else "utf-8", errors="replace")
        except (LookupError, ValueError):
            return self.content.decode("utf-8", errors="replace")


def admins(address: Address) -> bool:
    """Whether an admin's server may be called there: never metadata; this machine itself only in the local stage."""
    inner = _within(address)
    if inner is not None:
        return admins(inner)
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address in _METADATA:
        return False
    return settings().is_local or not address.is_loopback


def anybodys(address: Address) -> bool:
    """Whether an address that anybody gave may be called: those of the public internet only."""
    inner = _within(address)
    if inner is not None:
        return anybodys(inner)
    return address.is_global and not address.is_multicast


def check(url: str, rule: Rule = anybodys) -> str:
    """The address, if it is one of the web that may be called as far as can be told; raises `RefusedAddress`."""
    parts = parts_of(url)
    host = parts.hostname or ""
    if not of_the_web(url):
        raise RefusedAddress(f"{url[:200]} is not the address of a web page: it begins with http:// or https://.")
    if parts.username or parts.password:
        raise RefusedAddress("Leave name and password out of the address of a page.")
    try:
        literal = ipaddress.ip_address(host)
    except ValueError:
        return url.strip()
    if not rule(literal):
        raise refused(host)
    return url.strip()


async def check_host(url: str, rule: Rule = anybodys) -> str:
    """The address as `check` has it, its host looked up too: for services that load it in our place."""
    parts = urlsplit(check(url, rule))
    try:
        await GuardedTransport(rule).resolve(parts.hostname or "", parts.port or 443)
    except httpx2.ConnectError as error:
        raise Upstream(f"{parts.hostname} is not a known host. Check the address.") from error
    return url.strip()


def refused(host: str) -> Exception:
    """Why a page is not loaded."""
    return RefusedAddress(f"Pages at {host} are not loaded: that address is not on the public internet.")


class GuardedTransport(httpx2.AsyncBaseTransport):
    """Resolves a host, checks its addresses and connects to just those, so that no later look-up can differ.

    Redirects pass here too. TLS still verifies the name: it goes along as `sni_hostname`.
    """

    def __init__(self, rule: Rule, refusal: Callable[[str], Exception] = refused, *, verify: bool = True) -> None:
        self._rule, self._refusal = rule, refusal
        self._inner = httpx2.AsyncHTTPTransport(verify=_ssl_context(verify))

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        host, url = request.url.host, request.url
        addresses = await self.resolve(host, url.port or (443 if url.scheme == "https" else 80))
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

    async def resolve(self, host: str, port: int) -> list[Address]:
        """The addresses of a host, all of them allowed; raises httpx2's `ConnectError` when there are none."""
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError) as error:
            raise httpx2.ConnectError(f"{host} is not a known host") from error
        addresses = list(dict.fromkeys(ipaddress.ip_address(entry[4][0]) for entry in found))
        if not all(self._rule(address) for address in addresses):
            raise self._refusal(host)
        return addresses


def page_client(rule: Rule = anybodys, *, verify: bool = True) -> httpx2.AsyncClient:
    """A client for pages; it belongs to the event loop that uses it first."""
    return httpx2.AsyncClient(
        transport=GuardedTransport(rule, verify=verify),
        timeout=httpx2.Timeout(TOTAL_SECONDS, connect=CONNECT_SECONDS),
        follow_redirects=True,
        max_redirects=MOST_REDIRECTS,
        headers={"user-agent": AGENT, "accept-language": "en,*;q=0.5"},
        trust_env=False,
    )


async def fetch(
    client: httpx2.AsyncClient,
    url: str,
    *,
    rule: Rule = anybodys,
    largest: int | Callable[[str], int] = LARGEST_PAGE,
    method: str = "GET",
    body: Any = None,
) -> Fetched:
    """What a page answers, at most `largest` bytes (unpacked) within 20 s; `body` is sent as JSON.

    `largest` may depend on the media type.

    Raises `RefusedAddress`, `TooLarge`, or `Upstream` when it cannot be had.
    """
    host = urlsplit(check(url, rule)).hostname or ""
    try:
        async with asyncio.timeout(TOTAL_SECONDS), client.stream(method, url.strip(), json=body) as answer:
            if answer.is_error:
                raise Upstream(f"{host} did not give the page (it answered {answer.status_code}). Check the address.")
            kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
            most = largest if isinstance(largest, int) else largest(kind)
            content = bytearray()
            async for piece in answer.aiter_bytes():
                content += piece
                if len(content) > most:
                    raise TooLarge(f"What is at {host} is over {most >> 20} MB. Choose something smaller.")
            return Fetched(str(answer.url), kind, answer.charset_encoding, bytes(content))
    except (TimeoutError, httpx2.TimeoutException) as error:
        raise Upstream(f"{host} took too long to give the page. Try again later.") from error
    except httpx2.TooManyRedirects as error:
        raise Upstream(f"{host} leads from page to page without an end. Check the address.") from error
    except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeError) as error:
        raise Upstream(f"{host} cannot be reached. Check the address.") from error


def _within(address: Address) -> Address | None:
    """The IPv4 address that an IPv6 one leads to."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address not in _NOT_IPV4 and any(address in network for network in _ENDING_IN_IPV4):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


@cache
def _ssl_context(verify: bool) -> ssl.SSLContext:
    return httpx2.create_ssl_context(verify=verify)
