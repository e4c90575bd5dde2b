"""Pages of the web as text, by the loader that an admin chose; several at once."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx2

from shared import guarded
from shared.addresses import parts_of
from shared.errors import DomainError, Invalid, Upstream
from shared.guarded import Fetched, Rule
from shared.llm import http
from shared.logs import logger
from shared.retrieval.settings import RetrievalSettings
from shared.retrieval.web import readable, youtube
from shared.retrieval.web.calls import Call, bearer, listed
from shared.segments import Segment

SECONDS = httpx2.Timeout(60, connect=http.CONNECT_SECONDS)
LARGEST_DOCUMENT = 50 * 1024 * 1024
"""Bytes of a file at an address that a person gives; a larger one does not come within the time there is."""
LONGEST = 1_000_000
"""Characters that are kept of a page."""
_HTML = ("text/html", "application/xhtml+xml")
# What begins like this is a document, whatever its server says: PDF, and Office in ZIP archives.
_DOCUMENTS = (b"%PDF-", b"PK\x03\x04")
_TEXT = ("text/", "application/json", "application/xml", "application/rss+xml", "application/atom+xml")


@dataclass(frozen=True, slots=True)
class Page:
    """A page's text; `url` is where it was found, after redirects. `segments`: parts that know where they are.

    `snippet`: it is only what a search engine says of the page. `file_id`: the file that somebody has of it by now.
    """

    url: str
    title: str
    text: str
    segments: tuple[Segment, ...] = ()
    snippet: bool = False
    file_id: str = ""


Document = Callable[[Fetched], Awaitable[Page]]
"""What makes a page of a document."""


@dataclass(frozen=True)
class Loaded:
    """Pages in the order in which they were asked for, and why the others could not be had, by address."""

    pages: list[Page] = field(default_factory=list)
    troubles: dict[str, str] = field(default_factory=dict)


class NotText(Invalid):
    """What is at an address is no page, but a file of this kind."""

    def __init__(self, fetched: Fetched) -> None:
        host = parts_of(fetched.url).hostname
        super().__init__(f"At {host} is a file ({fetched.kind or 'of no known kind'}), not a page. Add it as a file.")
        self.fetched = fetched


async def load(urls: Sequence[str], section: RetrievalSettings, document: Document | None = None) -> Loaded:
    """The pages at some addresses; one that cannot be had does not keep the others.

    Documents among them are read in passing, or made pages of by `document`.
    """
    from shared.retrieval.web import documents

    unique = list(dict.fromkeys(url.strip() for url in urls if url.strip()))
    turn, loaded = asyncio.Semaphore(section.web.web_loader_concurrent_requests), Loaded()
    largest = _largest(section, max(1, len(unique)))
    async with _client(section) as client:

        async def one(url: str) -> Page | None:
            async with turn:
                try:
                    with _in_words(url):
                        try:
                            return await page(client, url, section, largest)
                        except NotText as file:
                            found = file.fetched
                        return await (document(found) if document else documents.read(found, section))
                except DomainError as error:
                    loaded.troubles[url] = error.detail
                    return None

        found = await asyncio.gather(*map(one, unique))
    loaded.pages.extend(each for each in found if each is not None)
    return loaded


async def load_one(url: str, section: RetrievalSettings) -> Page:
    """The page at an address; raises what says why it cannot be had, `NotText`, which has it whole, for a file."""
    with _in_words(url):
        async with _client(section) as client:
            return await page(client, url.strip(), section, _largest(section))


async def page(
    client: httpx2.AsyncClient,
    url: str,
    section: RetrievalSettings,
    largest: int | Callable[[str], int] = guarded.LARGEST_PAGE,
) -> Page:
    """A page by a client of this module; of a video what is said in it."""
    if video := youtube.video_of(url):
        said = await youtube.transcript(video, section)
        return Page(url, said.title, "\n".join(each.text for each in said.segments)[:LONGEST], said.segments)
    loader = LOADERS.get(section.web.web_loader_engine)
    if loader is not None:
        await guarded.check_host(url, rule_of(section))
        async with http.client(SECONDS) as service:
            found = await loader(Call(service, section), url)
        if not found.text.strip():
            raise _empty(url)
        return found
    return await read(await guarded.fetch(client, url, rule=rule_of(section), largest=largest))


async def read(fetched: Fetched) -> Page:
    """What is to be read on a page; raises `NotText`, or `Upstream` when there is nothing."""
    if fetched.content.startswith(_DOCUMENTS):
        raise NotText(fetched)
    if fetched.kind in _HTML or (not fetched.kind and b"<html" in fetched.content[:2000].lower()):
        title, text, segments = await readable.read(fetched)
    elif fetched.kind.startswith(_TEXT):
        title, text, segments = "", fetched.text, ()
    else:
        raise NotText(fetched)
    if not text.strip():
        raise _empty(fetched.url)
    return Page(fetched.url, title or fetched.url, text[:LONGEST], segments)


@contextmanager
def _in_words(url: str) -> Iterator[None]:
    """Whatever goes wrong with a page is a trouble of that page: what is on it, nobody here has written."""
    try:
        yield
    except DomainError:
        raise
    except Exception as error:
        logger().exception("page not read", extra={"code": type(error).__name__})
        host = parts_of(url).hostname
        raise Upstream(f"The page at {host} could not be read. Choose another one.") from error


def _largest(section: RetrievalSettings, count: int = 1) -> Callable[[str], int]:
    """How many bytes each of `count` things may have: all of them may be in memory at once."""
    share = max(LARGEST_DOCUMENT // count, guarded.LARGEST_PAGE)
    document = min(section.largest_file, LARGEST_DOCUMENT, share)
    return lambda kind: guarded.LARGEST_PAGE if kind.startswith((*_HTML, *_TEXT)) else document


def rule_of(section: RetrievalSettings) -> Rule:
    """Which addresses may be loaded."""
    return guarded.admins if section.web.enable_web_loader_private_addresses else guarded.anybodys


def _client(section: RetrievalSettings) -> httpx2.AsyncClient:
    return guarded.page_client(rule_of(section), verify=section.web.enable_web_loader_ssl_verification)


async def _tavily(call: Call, url: str) -> Page:
    # https://docs.tavily.com/documentation/api-reference/endpoint/extract
    found = await call.json(
        "POST",
        "https://api.tavily.com/extract",
        json={"urls": [url], "extract_depth": call.section.web.tavily_extract_depth or "basic"},
        headers=bearer(call.needed("tavily_api_key")),
    )
    results = listed(found, "results")
    if not results:
        raise Upstream(f"Tavily could not read the page at {parts_of(url).hostname}. Check the address.")
    return Page(url, str(results[0].get("title") or url), str(results[0].get("raw_content") or "")[:LONGEST])


async def _firecrawl(call: Call, url: str) -> Page:
    # https://docs.firecrawl.dev/api-reference/endpoint/scrape; a server of one's own needs no key
    found = await call.json(
        "POST",
        f"{call.needed('firecrawl_api_base_url').rstrip('/')}/v1/scrape",
        json={"url": url, "formats": ["markdown"]},
        headers=bearer(call.section.web_secret("firecrawl_api_key")),
    )
    data = found.get("data")
    if not isinstance(data, dict):
        raise Upstream(f"Firecrawl could not read the page at {parts_of(url).hostname}. Check the address.")
    about = data.get("metadata") if isinstance(data.get("metadata"), dict) else {}
    return Page(url, str((about or {}).get("title") or url), str(data.get("markdown") or "")[:LONGEST])


async def _external(call: Call, url: str) -> Page:
    """A service of one's own: `{"urls"}` → `[{"page_content", "metadata"}]`, as the contract has it."""
    found = await call.json(
        "POST",
        call.needed("external_web_loader_url"),
        json={"urls": [url]},
        headers=bearer(call.section.web_secret("external_web_loader_api_key")),
    )
    results = listed(found, "results")
    if not results:
        raise Upstream(f"The loader could not read the page at {parts_of(url).hostname}. Check the address.")
    about = results[0].get("metadata")
    title = about.get("title") if isinstance(about, dict) else ""
    return Page(url, str(title or url), str(results[0].get("page_content") or "")[:LONGEST])


LOADERS: dict[str, Callable[[Call, str], Awaitable[Page]]] = {
    "tavily": _tavily,
    "firecrawl": _firecrawl,
    "external": _external,
}
"""The loaders beside the one built in, by the contract's names."""
BUILT_IN = ("", "safe_web")


def _empty(url: str) -> Upstream:
    host = parts_of(url).hostname
    return Upstream(f"There is nothing to read on the page at {host}: it may be made by scripts, or need signing in.")
