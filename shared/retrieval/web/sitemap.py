"""Which pages a site has, as its sitemap says (https://www.sitemaps.org/protocol.html)."""

import gzip
import io
import re
import zlib
from contextlib import suppress
from urllib.parse import urljoin

import httpx2

from shared import guarded
from shared.addresses import parts_of
from shared.errors import DomainError, Upstream
from shared.guarded import Fetched
from shared.retrieval.settings import RetrievalSettings
from shared.retrieval.web.pages import rule_of

MOST_SITEMAPS = 20
LARGEST = 50 * 1024 * 1024
"""The protocol's own limit, unpacked."""
_PIECE = 64 * 1024
_LOCATION = re.compile(rb"<(?:\w+:)?loc>\s*(?:<!\[CDATA\[)?\s*([^<\]]{1,2048}?)\s*(?:\]\]>)?\s*</(?:\w+:)?loc>")
_INDEX = re.compile(rb"<(?:\w+:)?sitemapindex\b")
_NAMED = re.compile(r"^\s*sitemap:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


def is_sitemap(url: str) -> bool:
    """Whether an address is that of a sitemap, by its name."""
    path = parts_of(url).path.lower()
    return "sitemap" in path.rpartition("/")[2] and path.endswith((".xml", ".xml.gz"))


async def pages_of(url: str, section: RetrievalSettings) -> list[str]:
    """The addresses of a site's pages, as many as an admin allows; of a sitemap, or of the site that a page is on.

    Pages of other sites are left out, and of a page's site those that are not below it. Raises `Upstream` without any.
    """
    rule, most = rule_of(section), section.web.web_loader_sitemap_pages
    guarded.check(url, rule)
    site, below = parts_of(url).hostname or "", "/" if is_sitemap(url) else f"{_path(url).rpartition('/')[0]}/"
    found: dict[str, None] = {}
    async with guarded.page_client(rule, verify=section.web.enable_web_loader_ssl_verification) as client:
        waiting = [url] if is_sitemap(url) else await _named(client, url, section)
        seen: set[str] = set()
        while waiting and len(seen) < MOST_SITEMAPS and len(found) < most:
            sitemap = waiting.pop(0)
            if sitemap in seen:
                continue
            seen.add(sitemap)
            try:
                fetched = await guarded.fetch(client, sitemap, rule=rule, largest=LARGEST)
            except DomainError:
                if len(seen) == 1 and not waiting:
                    raise
                continue
            places, is_index = locations(fetched)
            if is_index:
                waiting += [place for place in places if _same_site(place, site)]
            else:
                here = (place for place in places if _same_site(place, site))
                found |= dict.fromkeys(place for place in here if _path(place).startswith(below))
    if not found:
        raise Upstream(f"{site} has no sitemap that names pages here. Add its pages one by one.")
    return list(found)[:most]


def locations(fetched: Fetched) -> tuple[list[str], bool]:
    """The addresses in a sitemap, and whether they are those of further sitemaps."""
    content = fetched.content
    if content[:2] == b"\x1f\x8b":
        content = _unpacked(content)
    found = (place.decode("utf-8", errors="replace").replace("&amp;", "&") for place in _LOCATION.findall(content))
    return list(found), _INDEX.search(content[:10_000]) is not None


def _unpacked(content: bytes) -> bytes:
    """What gzip has packed; of what broke off, or is damaged, as much as comes before that."""
    unpacked = bytearray()
    with gzip.GzipFile(fileobj=io.BytesIO(content)) as packed, suppress(EOFError, OSError, zlib.error):
        while len(unpacked) < LARGEST and (piece := packed.read1(_PIECE)):
            unpacked += piece
    return bytes(unpacked)


async def _named(client: httpx2.AsyncClient, url: str, section: RetrievalSettings) -> list[str]:
    """The sitemaps that a site's robots.txt names, or the usual place of one (RFC 9309, sitemaps.org)."""
    try:
        robots = await guarded.fetch(client, urljoin(url, "/robots.txt"), rule=rule_of(section), largest=500_000)
    except DomainError:
        return [urljoin(url, "/sitemap.xml")]
    return _NAMED.findall(robots.text)[:MOST_SITEMAPS] or [urljoin(url, "/sitemap.xml")]


def _path(url: str) -> str:
    return parts_of(url).path or "/"


def _same_site(url: str, site: str) -> bool:
    parts = parts_of(url)
    host = (parts.hostname or "").removeprefix("www.")
    return parts.scheme in ("http", "https") and host == site.removeprefix("www.")
