"""A search of the web for some queries: what engines find, the pages of it, and the passages that answer."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from shared.errors import DomainError, Upstream
from shared.llm import http
from shared.logs import logger
from shared.retrieval.cutting import split_settings
from shared.retrieval.ranking import ranked
from shared.retrieval.rerankers import reranker
from shared.retrieval.retrieving import CANDIDATES, Source, reranked
from shared.retrieval.settings import RetrievalSettings
from shared.retrieval.web import engines, pages
from shared.retrieval.web.calls import Result
from shared.retrieval.web.pages import Page
from shared.segments import Segment
from shared.splitting import Chunk, split

MOST_QUERIES = 5
MOST_CHUNKS = 400
"""Passages of one search that are looked at, shared among its pages: more would be waited for too long."""


@dataclass(frozen=True)
class Found:
    """What engines found, best first and each once; the pages of it; and what could not be had, by address.

    What is said of a page that could not be had stands in its place, where anything is; it is among the troubles too.
    """

    results: list[Result]
    pages: list[Page]
    troubles: dict[str, str] = field(default_factory=dict)

    @property
    def drawn(self) -> list[Result]:
        """Those of the results that there is something of to draw from."""
        return [result for result in self.results if result.link not in self.troubles or result.snippet.strip()]


async def search(queries: Sequence[str], section: RetrievalSettings) -> list[Result]:
    """What the engine finds for several queries at once: the first of each, then the second, each page once.

    Raises what went wrong when no query could be asked.
    """
    asked = list(dict.fromkeys(query.strip() for query in queries if query.strip()))[:MOST_QUERIES]
    turn = asyncio.Semaphore(section.web.web_search_concurrent_requests)

    async def one(query: str) -> list[Result] | DomainError:
        async with turn:
            try:
                return await engines.search(section, query, http.client(engines.SECONDS))
            except DomainError as error:
                return error
            except Exception as error:  # noqa: BLE001 - what engines answer, nobody here has written
                logger().exception("web not searched", extra={"code": type(error).__name__})
                return Upstream("The search engine gave an answer that cannot be read. Try again later.")

    answers = await asyncio.gather(*map(one, asked))
    found = [answer for answer in answers if not isinstance(answer, DomainError)]
    troubles = [answer for answer in answers if isinstance(answer, DomainError)]
    if troubles and not found:
        raise troubles[0]
    unique: dict[str, Result] = {}
    for place in range(max(map(len, found), default=0)):
        for results in found:
            if place < len(results):
                unique.setdefault(results[place].link, results[place])
    return list(unique.values())


async def find(queries: Sequence[str], section: RetrievalSettings) -> Found:
    """What engines find with its pages; with `bypass_web_search_web_loader` their own words of a page in its place."""
    results = await search(queries, section)
    if section.web.bypass_web_search_web_loader:
        results = [result for result in results if result.snippet.strip()]
        return Found(results, _snippets(results))
    loaded = await pages.load([result.link for result in results], section)
    lost = _snippets(result for result in results if result.link in loaded.troubles)
    return Found(results, [*loaded.pages, *lost], loaded.troubles)


def passages(found: Sequence[Page], queries: Sequence[str], section: RetrievalSettings) -> list[Source]:
    """The passages of pages that answer queries, best first, as many as retrieval gives.

    What engines say of pages comes last, and whole: they have said it for these queries. With
    `bypass_web_search_embedding_and_retrieval` whole pages. Embeds, so it is for a thread of its own.
    """
    if section.web.bypass_web_search_embedding_and_retrieval:
        return [source_of(page, Chunk(page.text), 1.0) for page in found]
    read = [page for page in found if not page.snippet]
    most = max(1, MOST_CHUNKS // max(1, len(read)))
    pieces = [(page, chunk) for page in read for chunk in chunks_of(page, section)[:most]]
    order = ranked([chunk.text for _, chunk in pieces], list(queries)[:MOST_QUERIES], section)
    sources = [source_of(*pieces[index], score) for index, score in order]
    ranks = reranker(section)
    if ranks and queries:
        sources = reranked(ranks, queries[0], sources[:CANDIDATES])
    wanted = max(section.top_k_reranker if ranks else section.top_k, len(read))
    fitting = [source for source in sources if source.score >= section.relevance_threshold][:wanted]
    return fitting + [source_of(page, Chunk(page.text), 1.0) for page in found if page.snippet]


def chunks_of(page: Page, section: RetrievalSettings) -> list[Chunk]:
    """A page cut as files are."""
    return split(page.segments or [Segment(page.text)], split_settings(section))


def source_of(page: Page, chunk: Chunk, score: float) -> Source:
    """A passage of a page."""
    metadata = {**chunk.metadata, "name": page.title, "source": page.url, "title": page.title, "link": page.url}
    if page.snippet:
        metadata["snippet_only"] = True
    return Source("", page.url, page.title, chunk.text, score, metadata)


def _snippets(results: Iterable[Result]) -> list[Page]:
    said = (result for result in results if result.snippet.strip())
    return [Page(result.link, result.title or result.link, result.snippet, snippet=True) for result in said]
