"""Pages of the web for an answer: found by a search engine, or named by the person."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from shared.errors import DomainError
from shared.grounding.attachments import Json
from shared.grounding.numbering import Passage
from shared.logs import logger
from shared.retrieval.settings import RetrievalSettings

if TYPE_CHECKING:
    from shared.retrieval.web.calls import Result

Tell = Callable[[Json], None]

SNIPPET_CHARACTERS = 300
MOST_ADDRESSES = 10


async def searched(queries: Sequence[str], settings: RetrievalSettings, tell: Tell) -> list[Passage]:
    """The passages that a search of the web finds; empty when no search was needed, or none was possible."""
    from shared.retrieval.web import searching

    if not queries:
        tell({"action": "web_search", "description": "No search query generated", "done": True})
        return []
    tell({"action": "web_search_queries_generated", "queries": list(queries), "done": False})
    try:
        found = await searching.find(queries, settings)
        sources = await asyncio.to_thread(searching.passages, found.pages, queries, settings)
    except DomainError as error:
        logger().warning("web not searched", extra={"reason": error.detail})
        tell(
            {"action": "web_search", "description": error.detail, "queries": list(queries), "done": True, "error": True}
        )
        return []
    if not found.drawn:
        words = "None of the pages found could be read" if found.results else "No search results found"
        tell({"action": "web_search", "description": words, "queries": list(queries), "done": True, "error": True})
        return []
    tell(
        {
            "action": "web_search",
            "description": "Searched {{count}} sites",
            "urls": [result.link for result in found.drawn],
            "items": [_item(result) for result in found.drawn],
            "done": True,
        }
    )
    whole = settings.web.bypass_web_search_embedding_and_retrieval
    return [
        Passage(
            source.file_id,
            source.name,
            "web_search",
            source.text,
            None if whole or source.metadata.get("snippet_only") else source.score,
            dict(source.metadata),
        )
        for source in sources
    ]


async def loaded(addresses: Sequence[str], settings: RetrievalSettings, tell: Tell) -> list[Passage]:
    """The whole texts of pages; what cannot be had is told."""
    from shared.retrieval.web import pages

    found = await pages.load(addresses[:MOST_ADDRESSES], settings)
    if found.troubles:
        words = " ".join(found.troubles.values())
        tell({"action": "pages_unavailable", "description": words, "done": True, "error": True})
    return [Passage(page.url, page.title, "url", page.text, metadata={"title": page.title}) for page in found.pages]


def _item(result: "Result") -> Json:
    return {"link": result.link, "title": result.title, "snippet": result.snippet[:SNIPPET_CHARACTERS]}
