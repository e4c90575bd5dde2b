"""Use cases of the web: pages and videos by their address, and searches."""

import asyncio
import time
from functools import partial

from functions.knowledge.knowledge_service import check_writable
from functions.knowledge.retrieval_documents import kept_document, processed_document
from functions.knowledge.retrieval_models import Json, ProcessedPage, ProcessUrlForm, SearchedWeb, SearchForm
from functions.knowledge.retrieval_service import collected, is_knowledge, keep_pages
from shared.errors import Forbidden, Invalid, NotFound, Upstream
from shared.guarded import Fetched
from shared.identity.permissions import permissions
from shared.identity.sessions import Identity
from shared.retrieval.collecting import own_name
from shared.retrieval.settings import RetrievalSettings, retrieval_settings
from shared.retrieval.web import pages, searching, sitemap
from shared.retrieval.web.calls import Result
from shared.retrieval.web.pages import Loaded, NotText, Page
from shared.splitting import Chunk
from shared.waiting import result_of

WAITED_SECONDS = 20.0
"""API Gateway waits 29 s for an answer, and what is loaded has to be embedded too."""


def process_url(user: Identity, form: ProcessUrlForm) -> ProcessedPage:
    """Makes the page or the document at an address searchable, or all pages that a sitemap names.

    Raises what says why it cannot be had.
    """
    section, begun = retrieval_settings(), time.monotonic()
    knowledge = form.collection_name if form.collection_name and is_knowledge(form.collection_name) else None
    if knowledge:
        check_writable(user, knowledge)
    try:
        loaded = result_of(_loaded(user, form, section, knowledge))
    except NotText as file:
        left = WAITED_SECONDS - (time.monotonic() - begun)
        return processed_document(user, form.url, file.fetched, knowledge, left)
    if not loaded.pages:
        raise Upstream(next(iter(loaded.troubles.values()), "There is no page at this address."))
    first = loaded.pages[0]
    made: list[str] = []
    name: str | None = form.collection_name or own_name(user.id, form.url)
    if knowledge:
        made = keep_pages(user, knowledge, loaded.pages)
    elif section.web.bypass_web_search_embedding_and_retrieval and not form.collection_name:
        name = None
    else:
        collected(user, str(name), loaded.pages)
    content = (
        first.text if len(loaded.pages) == 1 else "\n\n".join(f"# {page.title}\n\n{page.text}" for page in loaded.pages)
    )
    return ProcessedPage(
        collection_name=name,
        filename=form.url,
        file={
            "data": {"content": content[: pages.LONGEST]},
            "meta": {"name": first.title or form.url, "source": form.url},
        },
        files=made,
        troubles=loaded.troubles,
    )


def search_web(user: Identity, form: SearchForm) -> SearchedWeb:
    """Searches the web, and makes what is found searchable. Raises `Invalid`, `NotFound`, `Upstream`."""
    section = retrieval_settings()
    if not section.web.enable_web_search and not user.is_admin:
        raise Invalid("Web search is switched off. An admin can switch it on under Web search.")
    if not user.is_admin and not permissions().features.web_search:
        raise Forbidden("You may not search the web. Ask an admin for the right to.")
    found = result_of(searching.find(form.queries, section))
    if not found.results:
        raise NotFound("Nothing was found on the web. Try other words.")
    answer = SearchedWeb(
        filenames=[page.url for page in found.pages],
        items=[_item(result) for result in found.drawn],
        loaded_count=len(found.pages),
        troubles=found.troubles,
    )
    if section.web.bypass_web_search_embedding_and_retrieval:
        answer.docs = [_doc(page) for page in found.pages]
    elif found.pages:
        name = own_name(user.id, *form.queries, prefix="web-search-")
        collected(user, name, found.pages)
        answer.collection_names = [name]
    return answer


async def _loaded(user: Identity, form: ProcessUrlForm, section: RetrievalSettings, knowledge: str | None) -> Loaded:
    try:
        async with asyncio.timeout(WAITED_SECONDS):
            if form.sitemap or sitemap.is_sitemap(form.url):
                keep = partial(_kept, user) if knowledge else None
                return await pages.load(await sitemap.pages_of(form.url, section), section, keep)
            return Loaded([await pages.load_one(form.url, section)])
    except TimeoutError as error:
        raise Upstream("The site took too long to answer. Try again later, or add fewer pages.") from error


async def _kept(user: Identity, found: Fetched) -> Page:
    """A document of a site, as the file that a knowledge base gets."""
    item = await asyncio.to_thread(kept_document, user, found)
    return Page(found.url, item.filename, "", file_id=item.file_id)


def _item(result: Result) -> Json:
    return {"link": result.link, "title": result.title, "snippet": result.snippet}


def _doc(page: Page) -> Json:
    return {"content": page.text, "metadata": searching.source_of(page, Chunk(page.text), 1.0).metadata}
