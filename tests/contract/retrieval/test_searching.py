"""Texts, pages and searches of the web made searchable, and asked, by whom they belong to."""

import json
import resource
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from functions.knowledge import retrieval_web
from functions.knowledge.handler import app
from shared import files, sections
from shared.identity.access import AccessControl
from shared.identity.permissions import PermissionsSection
from shared.knowledge import items, membership
from shared.retrieval import spaces
from shared.retrieval.config import WebConfig
from shared.retrieval.settings import Embedding, RetrievalSettings, Server, retrieval_settings
from shared.retrieval.web import documents as web_documents
from shared.retrieval.web import pages
from shared.settings import settings
from shared.storage import objects
from shared.waiting import result_of
from tests.contract.accounts.members import empty
from tests.contract.chats.people import Person, sign_in
from tests.support import documents
from tests.support.emulator import forget_settings
from tests.support.model_server import ModelServer
from tests.support.serving import serving

URL = "/api/v1/retrieval"
TIDES = "The Moon pulls the oceans into two bulges. " * 5
LONG = "</p><h2>Chapter</h2><p>".join([TIDES] * 6_000)
BREAD = "Knead the dough for ten minutes, then let it rest. " * 5


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """Two pages, a sitemap of them, and a search engine that finds them and one that is gone."""
    address: list[str] = []
    paper = documents.pdf([TIDES])

    async def page(request: Request) -> Response:
        title = request.path_params["name"].title()
        text = {"Tides": TIDES, "Bread": BREAD, "Bold": "<b>word </b>" * 25_000, "Long": LONG}[title]
        return Response(
            f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1><p>{text}</p></article></body>",
            media_type="text/html",
        )

    async def search(request: Request) -> Response:
        asked.append(await request.json())
        names = ("page/tides", "page/bread", "papers/tides.pdf", "gone", "lost")
        return JSONResponse(
            [
                {"link": f"{address[0]}/{name}", "title": name, "snippet": "" if name == "lost" else f"About {name}"}
                for name in names
            ]
        )

    async def listed(request: Request) -> Response:
        names = ("page/tides", "page/bread", "papers/tides.pdf")
        locations = "".join(f"<url><loc>{address[0]}/{name}</loc></url>" for name in names)
        return Response(f"<urlset>{locations}</urlset>", media_type="application/xml")

    async def document(request: Request) -> Response:
        if request.path_params["name"] == "setup.exe":
            return Response(b"MZ" + bytes(200), media_type="application/octet-stream")
        if request.path_params["name"] == "table.csv":
            return Response("tide,metres\n" + "high,16\n" * 500_000, media_type="application/octet-stream")
        return Response(paper, media_type="application/pdf")

    asked: list[Any] = []
    routes = [
        Route("/papers/{name}", document),
        Route("/page/{name}", page),
        Route("/search", search, methods=["POST"]),
        Route("/sitemap.xml", listed),
    ]
    with serving(Starlette(routes=routes)) as url:
        address.append(url)
        yield url


@pytest.fixture
def person(emulator: object, site: str) -> Iterator[Person]:
    """Somebody on a stage whose web is this machine's, searched by words."""
    empty(settings().platform_table)
    sections.forget()
    configure(site)
    yield sign_in(app)
    empty(settings().platform_table)
    sections.forget()


@pytest.fixture
def other(person: Person) -> Person:
    return sign_in(app)


def configure(site: str, **web: Any) -> None:
    values = {
        "enable_web_search": True,
        "enable_web_loader_private_addresses": True,
        "web_search_engine": "external",
        "web_search_result_count": 5,
        "external_web_search_url": f"{site}/search",
        **web,
    }
    sections.update(RetrievalSettings, lambda known: known.model_copy(update={"web": WebConfig(**values)}))


def posted(person: Person, path: str, **form: Any) -> Any:
    answer = person.post(f"{URL}/{path}", form)
    assert answer.status_code == 200, answer.text
    return answer.json()


def found(person: Person, name: str, question: str, **form: Any) -> list[str]:
    answer = posted(person, "query/collection", collection_names=[name], query=question, **form)
    assert len(answer["documents"][0]) == len(answer["distances"][0]) == len(answer["metadatas"][0])
    return [str(text) for text in answer["documents"][0]]


def test_a_text_is_searchable_for_its_owner_alone(person: Person, other: Person) -> None:
    made = posted(person, "process/text", name="notes", content=TIDES)
    name = made["collection_name"]
    assert made["content"] == TIDES
    assert "bulges" in found(person, name, "what does the moon pull")[0]
    one = posted(person, "query/doc", collection_name=name, query="moon", k=1)
    assert one["metadatas"][0][0]["name"] == "notes"
    assert 0 < one["distances"][0][0] <= 1
    assert posted(other, "process/text", name="notes", content=TIDES)["collection_name"] != name
    for path, form in (("query/doc", {"collection_name": name}), ("query/collection", {"collection_names": [name]})):
        assert other.post(f"{URL}/{path}", {"query": "moon", **form}).status_code == 404
    assert other.post(f"{URL}/process/text", {"name": "x", "content": "x", "collection_name": name}).status_code == 404
    again = posted(person, "process/text", name="notes", content=BREAD, collection_name=name)
    assert again["collection_name"] == name
    assert found(person, name, "moon") == [], "what was in it is replaced"


@pytest.mark.parametrize(
    "name", ["file-x", "user-memory-x", "6d0c4b3e-7a1f-5b52-9a55-2f7f2f0f6c11", "6D0C4B3E7A1F5B529A552F7F2F0F6C11"]
)
def test_names_of_files_and_of_knowledge_to_come_are_not_to_be_had(person: Person, name: str) -> None:
    refused = person.post(f"{URL}/process/text", {"name": "x", "content": "poison", "collection_name": name})
    assert refused.status_code == 400, refused.text


def embed_by(model: str, server: ModelServer) -> None:
    """Has queries and texts embedded by a model, in an index with nothing in it."""
    chosen = Embedding(engine="openai", model=model, openai=Server(url=server.url))
    sections.update(RetrievalSettings, lambda known: known.model_copy(update={"embedding": chosen}))
    space = spaces.settle()
    assert space is not None
    assert spaces.switch(space)


def test_vectors_are_used_where_a_model_answers_and_words_where_it_does_not(
    person: Person, server: ModelServer
) -> None:
    embed_by("m", server)
    name = posted(person, "process/text", name="notes", content=TIDES)["collection_name"]
    assert found(person, name, "sea and gravity", hybrid=False), "no word is shared: found by its vector"
    gone = Embedding(engine="openai", model="m", openai=Server(url="http://127.0.0.1:9/v1"))
    sections.update(RetrievalSettings, lambda known: known.model_copy(update={"embedding": gone}))
    spaces.settle()
    assert found(person, name, "moon")
    assert found(person, name, "sea and gravity") == []
    assert "cannot be reached" in spaces.state(fresh=True).trouble


def test_what_came_after_a_switch_is_found_by_functions_that_have_not_heard_of_it(
    person: Person, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, old = spaces.state, spaces.state(fresh=True)
    embed_by("another", server)
    name = posted(person, "process/text", name="notes", content=TIDES)["collection_name"]
    monkeypatch.setattr(spaces, "state", lambda *, fresh=False: read(fresh=True) if fresh else old)
    assert found(person, name, "moon")


def test_a_page_is_searchable_and_a_private_one_is_not_loaded(person: Person, site: str) -> None:
    made = posted(person, "process/web", url=f"{site}/page/tides")
    assert "bulges" in made["file"]["data"]["content"]
    assert made["file"]["meta"] == {"name": "Tides", "source": f"{site}/page/tides"}
    assert found(person, made["collection_name"], "moon")
    configure(site, enable_web_loader_private_addresses=False)
    for url in (f"{site}/page/tides", "http://169.254.169.254/latest/meta-data/", "file:///etc/passwd", "nonsense"):
        refused = person.post(f"{URL}/process/web", {"url": url})
        assert refused.status_code == 400, refused.text
    configure(site)
    gone = person.post(f"{URL}/process/web", {"url": f"{site}/gone"})
    assert (gone.status_code, "404" in gone.json()["detail"]) == (502, True)


def test_a_document_at_an_address_becomes_a_file_that_is_read(
    person: Person, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrieval_web, "WAITED_SECONDS", 2.0)
    url = f"{site}/papers/2401.0001"
    made = posted(person, "process/web", url=url)
    [file_id] = made["files"]
    item = files.find(file_id)
    assert made["collection_name"] == f"file-{file_id}"
    assert (item.filename, item.content_type, item.source) == ("2401.0001.pdf", "application/pdf", url)
    assert (item.status, item.user_id) == ("queued", person.id)
    assert files.content(item).startswith(b"%PDF-")
    assert posted(person, "process/web", url=url)["files"] == [file_id], "the same once more is the same file"
    sections.update(
        PermissionsSection,
        lambda known: known.model_copy(update={"workspace": known.workspace.model_copy(update={"knowledge": True})}),
    )
    base = items.create(person.id, "Papers", access=AccessControl()).knowledge_id
    kept = posted(person, "process/web", url=f"{site}/papers/tides.pdf", collection_name=base)
    assert {member.file_id for member in membership.of_knowledge(base)} == set(kept["files"])

    def refused(name: str, **limits: Any) -> tuple[int, str]:
        sections.update(RetrievalSettings, lambda known: known.model_copy(update=limits))
        answer = person.post(f"{URL}/process/web", {"url": f"{site}/papers/{name}"})
        return answer.status_code, answer.json()["detail"]

    assert refused("setup.exe") == (400, "This is a program, not a document.")
    status, reason = refused("other.pdf", allowed_file_extensions=["docx"])
    assert (status, "Use one of these: docx" in reason) == (400, True)
    monkeypatch.setattr(pages, "LARGEST_DOCUMENT", 500)
    status, reason = refused("large.pdf", allowed_file_extensions=[])
    assert (status, "is over" in reason) == (413, True)


def test_the_pages_of_a_site_become_files_of_a_knowledge_base(person: Person, other: Person, site: str) -> None:
    sections.update(
        PermissionsSection,
        lambda known: known.model_copy(update={"workspace": known.workspace.model_copy(update={"knowledge": True})}),
    )
    base = items.create(person.id, "Site", access=AccessControl()).knowledge_id
    made = posted(person, "process/web", url=f"{site}/", sitemap=True, collection_name=base)
    known = files.find_all(made["files"])
    assert sorted((file.filename, file.source) for file in known.values()) == [
        ("Bread.md", f"{site}/page/bread"),
        ("Tides.md", f"{site}/page/tides"),
        ("tides.pdf", f"{site}/papers/tides.pdf"),
    ]
    assert {member.file_id for member in membership.of_knowledge(base)} == set(made["files"])
    assert {file.status for file in known.values()} == {"queued"}
    large = {"name": "Long", "content": "words " * 200_000, "collection_name": base}
    sections.update(RetrievalSettings, lambda known: known.model_copy(update={"file_max_size": 1}))
    refused = person.post(f"{URL}/process/text", large)
    assert (refused.status_code, "at most 1 MB" in refused.json()["detail"]) == (413, True)
    stranger = other.post(f"{URL}/process/web", {"url": f"{site}/page/tides", "collection_name": base})
    assert stranger.status_code == 404
    assert len(membership.of_knowledge(base)) == 3


def test_the_web_is_searched_and_its_pages_and_documents_asked(
    person: Person, site: str, extraction: list[str]
) -> None:
    made = posted(person, "process/web/search", queries=["tides", "bread"])
    drawn = [f"{site}/{name}" for name in ("page/tides", "page/bread", "papers/tides.pdf", "gone")]
    assert made["filenames"] == [item["link"] for item in made["items"]] == drawn
    assert [item["snippet"] for item in made["items"]][:2] == ["About page/tides", "About page/bread"]
    assert (made["loaded_count"], sorted(made["troubles"])) == (4, [f"{site}/gone", f"{site}/lost"])
    [name] = made["collection_names"]
    assert name.startswith("web-search-")
    assert "Knead" in found(person, name, "dough")[0]
    answer = posted(person, "query/collection", collection_names=[name], query="moon gone", k=20)
    known = {about["source"]: about for about in answer["metadatas"][0]}
    assert known[drawn[2]]["page"] == 0, "a document knows its pages"
    assert known[drawn[3]]["snippet_only"], "what the engine says of a page that is gone"
    assert "snippet_only" not in known[drawn[0]]
    assert extraction == ["tides.pdf"]
    assert list(objects.keys("requests/documents/")) == []
    assert files.of_user(person.id) == []

    configure(site, bypass_web_search_embedding_and_retrieval=True)
    whole = posted(person, "process/web/search", queries=["tides"])
    assert whole["collection_name"] is None
    assert [doc["metadata"]["source"] for doc in whole["docs"]] == whole["filenames"]
    assert "bulges" in whole["docs"][0]["content"]

    configure(site, bypass_web_search_web_loader=True, web_search_domain_filter_list=["127.0.0.1"])
    words = posted(person, "process/web/search", queries=["tides"])
    assert (words["loaded_count"], len(words["items"])) == (4, 4), "what the engine says stands for the pages"

    configure(site, web_search_domain_filter_list=["!127.0.0.1"])
    nothing = person.post(f"{URL}/process/web/search", {"queries": ["tides"]})
    assert nothing.status_code == 404
    configure(site, enable_web_search=False)
    assert person.post(f"{URL}/process/web/search", {"queries": ["tides"]}).status_code == 400


def test_a_page_that_would_take_the_functions_memory_is_read_elsewhere_and_keeps_no_other(
    person: Person, site: str, extraction: list[str]
) -> None:
    large, heavy, light = (f"{site}/page/{name}" for name in ("long", "bold", "tides"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    loaded = result_of(pages.load([large, heavy, light], retrieval_settings()))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert len(extraction) == 2
    assert grown < 300_000, f"{grown / 1024:.0f} MB"
    first, *_, last = loaded.pages
    assert (first.url, first.title, "bulges" in first.text) == (large, "Long", True)
    assert "Chapter" in first.segments[-1].headings
    assert (last.url, last.segments) == (light, ())
    assert heavy in loaded.troubles or "word word" in loaded.pages[1].text
    assert list(objects.keys("requests/documents/")) == []


def test_of_a_long_document_that_is_read_in_passing_the_beginning_counts(
    person: Person, site: str, extraction: list[str]
) -> None:
    [page] = result_of(pages.load([f"{site}/papers/table.csv"], retrieval_settings())).pages
    assert len(page.text) == pages.LONGEST
    assert sum(len(segment.text) for segment in page.segments) < 2 * pages.LONGEST


def test_a_page_that_cannot_be_read_elsewhere_either_is_told_of(
    person: Person, site: str, extraction: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_documents, "SECONDS", 0)
    refused = person.post(f"{URL}/process/web", {"url": f"{site}/page/bold"})
    assert (refused.status_code, "could not be read" in refused.json()["detail"]) == (502, True)
    monkeypatch.setenv("EXTRACT_FUNCTION", "")
    forget_settings()
    refused = person.post(f"{URL}/process/web", {"url": f"{site}/page/bold"})
    assert (refused.status_code, "could not be read" in refused.json()["detail"]) == (502, True)


def test_a_file_of_somebody_else_is_not_processed(person: Person, other: Person) -> None:
    item = files.store(other.id, "a.txt", "text/plain", b"secret")
    base = items.create(person.id, "Mine").knowledge_id
    for form in ({}, {"content": "x"}, {"collection_name": base}):
        assert person.post(f"{URL}/process/file", {"file_id": item.file_id, **form}).status_code == 404
    mine = files.store(person.id, "b.txt", "text/plain", b"mine")
    listed = [
        {"id": each.file_id, "user_id": each.user_id, "filename": "x", "meta": {}, "created_at": 0, "updated_at": 0}
        for each in (item, mine)
    ]
    batch = posted(person, "process/files/batch", files=listed, collection_name=base)
    assert [each["file_id"] for each in batch["results"]] == [mine.file_id]
    assert [each["file_id"] for each in batch["errors"]] == [item.file_id]
    theirs = items.create(other.id, "Theirs", access=AccessControl()).knowledge_id
    refused = person.post(f"{URL}/process/file", {"file_id": mine.file_id, "collection_name": theirs})
    assert refused.status_code == 404
    assert person.post(f"{URL}/query/doc", {"collection_name": theirs, "query": "x"}).status_code == 404
    assert person.post(f"{URL}/query/doc", {"collection_name": f"file-{item.file_id}", "query": "x"}).status_code == 404


def test_an_admin_tries_out_how_a_text_is_cut_and_found(person: Person) -> None:
    admin = sign_in(app, "admin")
    tried = posted(admin, "try", text=f"{TIDES}\n\n{BREAD}", query="dough", chunk_size=200, chunk_overlap=20)
    assert tried["count"] == len(tried["chunks"]) > 2
    best = max(tried["chunks"], key=lambda chunk: chunk["score"])
    assert ("Knead" in best["text"], best["score"], tried["lexical_only"]) == (True, 1.0, True)
    assert posted(admin, "try", text=TIDES)["chunks"][0]["score"] is None
    assert admin.post(f"{URL}/try", {"text": "x", "chunk_size": 100, "chunk_overlap": 100}).status_code == 400


def test_an_admin_takes_files_out_and_begins_anew(person: Person) -> None:
    admin = sign_in(app, "admin")
    base = items.create(person.id, "Base").knowledge_id
    item = files.store(person.id, "a.txt", "text/plain", b"x")
    membership.add(base, item.file_id)
    assert posted(admin, "delete", collection_name=base, file_id=item.file_id) == {"status": True}
    assert membership.of_knowledge(base) == []
    assert posted(admin, "delete", collection_name="nothing-here", file_id="x") == {"status": False}
    name = posted(person, "process/text", name="notes", content=TIDES)["collection_name"]
    assert posted(admin, "reset/db") is True
    assert items.find_all([base]) == {}
    assert found(person, name, "moon") == []
    assert files.find(item.file_id)
    assert json.loads(admin.post(f"{URL}/reset/uploads", {}).text) is True
    assert files.of_user(person.id) == []
