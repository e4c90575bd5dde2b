"""Pages as text: the loader that is built in, those of services, sitemaps; one page that fails keeps no other."""

import asyncio
import gzip
import json
from collections.abc import Callable, Iterator

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from shared.errors import Upstream
from shared.guarded import Fetched
from shared.retrieval.settings import RetrievalSettings
from shared.retrieval.web import documents, pages, sitemap
from shared.retrieval.web.pages import NotText, Page
from tests.support.recorded import Player, Recording
from tests.support.serving import serving

Web = Callable[..., RetrievalSettings]

ARTICLE = """<html><head><title>Tides &amp; moons</title><script>alert(1)</script></head><body>
<nav><a href="/">Home</a> <a href="/about">About this site</a></nav>
<article><h1>Tides</h1><p>The Moon pulls the oceans into two bulges, one on each side of the Earth.</p>
<h2>Spring tides</h2><p>When Sun and Moon stand in line, their pulls add up and the water rises highest.</p>
<table><tr><th>Place</th><th>Range</th></tr><tr><td>Bay of Fundy</td><td>16 m</td></tr></table></article>
<footer>Cookie settings</footer></body></html>"""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    address: list[str] = []

    def answer(content: str | bytes, kind: str = "text/html") -> Callable[..., Response]:
        async def endpoint(request: object) -> Response:
            text = content.replace("SITE", address[0]) if isinstance(content, str) else content
            return Response(text, media_type=kind)

        return endpoint

    index = (
        "<sitemapindex xmlns='x'><sitemap><loc>SITE/sitemap-docs.xml</loc></sitemap>"
        "<sitemap><loc>http://elsewhere.example/sitemap.xml</loc></sitemap></sitemapindex>"
    )
    urls = ["/docs/tides", "/docs/moon?a=1&amp;b=2", "/blog/news"]
    listed = "".join(f"<url><loc>SITE{path}</loc></url>" for path in urls)
    found = f"<urlset>{listed}<url><loc>http://elsewhere.example/x</loc></url></urlset>"
    routes = {
        "/docs/tides": answer(ARTICLE),
        "/notes.txt": answer("Plain notes.", "text/plain"),
        "/fragment": answer("<p>The tide turns at noon.</p>"),
        "/fragments": answer("<title>Two</title><p>The tide turns at noon.</p><p>The café is open.</p>".encode()),
        "/paper.pdf": answer(b"%PDF-1.7", "application/pdf"),
        "/said-to-be-a-page": answer(b"%PDF-1.7"),
        "/setup.exe": answer(b"MZ" + bytes(200), "application/octet-stream"),
        "/empty": answer("<html><body><script>app()</script></body></html>"),
        "/robots.txt": answer("User-agent: *\nSitemap: SITE/index.xml\n", "text/plain"),
        "/index.xml": answer(index, "application/xml"),
        "/sitemap-docs.xml": answer(found, "application/xml"),
        "/odd-beginning": answer("<!DOCTYPE" + "/" * 100_000 + "<html" + " " * 100_000 + "\n<html/>" + ARTICLE),
        "/odd-charset": answer(ARTICLE, "text/html; charset=idna"),
    }
    with serving(Starlette(routes=[Route(path, endpoint) for path, endpoint in routes.items()])) as url:
        address.append(url)
        yield url


@pytest.fixture
def here(web: Web) -> RetrievalSettings:
    return web(enable_web_loader_private_addresses=True)


async def test_a_page_is_its_title_and_its_main_text(site: str, here: RetrievalSettings) -> None:
    page = await pages.load_one(f"{site}/docs/tides", here)
    assert page.title == "Tides & moons"
    assert "two bulges" in page.text
    assert "Spring tides" in page.text
    assert "Bay of Fundy" in page.text
    assert "alert" not in page.text
    assert "Cookie" not in page.text


async def test_one_page_that_fails_keeps_no_other(site: str, here: RetrievalSettings) -> None:
    wanted = [f"{site}{path}" for path in ("/docs/tides", "/gone", "/empty", "/setup.exe", "/notes.txt", "/docs/tides")]
    loaded = await pages.load(wanted, here)
    assert [page.url for page in loaded.pages] == [f"{site}/docs/tides", f"{site}/notes.txt"]
    assert {url.removeprefix(site) for url in loaded.troubles} == {"/gone", "/empty", "/setup.exe"}
    assert "nothing to read" in loaded.troubles[f"{site}/empty"]
    assert loaded.troubles[f"{site}/setup.exe"] == "This is a program, not a document."


async def test_a_page_in_a_charset_that_is_none_is_read_all_the_same(site: str, here: RetrievalSettings) -> None:
    loaded = await pages.load([f"{site}/docs/tides", f"{site}/odd-charset"], here)
    assert ["two bulges" in page.text for page in loaded.pages] == [True, True]


async def test_a_page_that_begins_oddly_is_read_in_no_time(site: str, here: RetrievalSettings) -> None:
    async with asyncio.timeout(30):
        page = await pages.load_one(f"{site}/odd-beginning", here)
    assert (page.title, "two bulges" in page.text) == ("Tides & moons", True)


async def test_a_document_is_for_whoever_reads_documents(site: str, here: RetrievalSettings) -> None:
    async def document(found: Fetched) -> Page:
        return Page(found.url, "Paper", found.content.decode())

    for path in ("/paper.pdf", "/said-to-be-a-page"):
        loaded = await pages.load([f"{site}{path}", f"{site}/notes.txt"], here, document)
        assert [page.text for page in loaded.pages] == ["%PDF-1.7", "Plain notes."]
        with pytest.raises(NotText, match="Add it as a file"):
            await pages.load_one(f"{site}{path}", here)


@pytest.mark.parametrize(
    ("path", "kind", "name"),
    [
        ("a/2401.0001", "application/pdf", "2401.0001.pdf"),
        ("a/tides%20in%20may.pdf", "application/pdf", "tides in may.pdf"),
        ("report.docx", "application/octet-stream", "report.docx"),
        ("", "application/pdf", "site.example.pdf"),
    ],
)
def test_a_document_is_named_by_its_address(path: str, kind: str, name: str) -> None:
    assert documents.name_of(Fetched(f"https://site.example/{path}", kind, None, b"")) == name


@pytest.mark.parametrize(
    ("path", "title", "said"),
    [("fragment", "", ["The tide turns at noon."]), ("fragments", "Two", ["turns at noon", "The café is open."])],
)
async def test_a_fragment_of_a_page_has_text(
    path: str, title: str, said: list[str], site: str, here: RetrievalSettings
) -> None:
    page = await pages.load_one(f"{site}/{path}", here)
    assert page.title == (title or page.url)
    assert all(words in page.text for words in said)
    assert "<p>" not in page.text


async def test_a_private_page_is_not_loaded_unless_an_admin_allows_it(site: str, web: Web) -> None:
    loaded = await pages.load([f"{site}/docs/tides"], web())
    assert loaded.pages == []
    assert "public internet" in next(iter(loaded.troubles.values()))


@pytest.mark.parametrize(
    ("engine", "answer", "body", "key"),
    [
        (
            "tavily",
            {"results": [{"url": "https://e.example", "raw_content": "The text."}], "failed_results": []},
            {"urls": ["http://93.184.216.34/a"], "extract_depth": "basic"},
            "k-tavily",
        ),
        (
            "firecrawl",
            {"success": True, "data": {"markdown": "The text.", "metadata": {"title": "A", "statusCode": 200}}},
            {"url": "http://93.184.216.34/a", "formats": ["markdown"]},
            "k-firecrawl",
        ),
        (
            "external",
            [{"page_content": "The text.", "metadata": {"source": "x", "title": "A"}}],
            {"urls": ["http://93.184.216.34/a"]},
            "k-external",
        ),
    ],
)
async def test_a_service_loads_in_our_place(
    engine: str, answer: object, body: object, key: str, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    section = web(
        web_loader_engine=engine,
        tavily_api_key="k-tavily",
        firecrawl_api_key="k-firecrawl",
        external_web_loader_url="http://loader.example/load",
        external_web_loader_api_key="k-external",
    )
    player = Player([Recording(json.dumps(answer).encode())])
    monkeypatch.setattr(pages.http, "client", lambda *_: player.client)
    page = await pages.load_one("http://93.184.216.34/a", section)
    assert page.text == "The text."
    assert player.body() == body
    assert player.requests[0].headers["authorization"] == f"Bearer {key}"
    loaded = await pages.load(["http://10.0.0.1/a", "http://localhost/"], section)
    assert len(player.requests) == 1, "a private address is not handed on either"
    assert len(loaded.troubles) == 2
    player.recordings = [Recording(b'{"results": [], "success": false}')]
    with pytest.raises(Upstream):
        await pages.load_one("http://93.184.216.34/a", section)


async def test_the_pages_of_a_site_by_its_sitemap(site: str, here: RetrievalSettings, web: Web) -> None:
    assert await sitemap.pages_of(f"{site}/docs/tides", here) == [f"{site}/docs/tides", f"{site}/docs/moon?a=1&b=2"]
    every = await sitemap.pages_of(f"{site}/sitemap-docs.xml", here)
    assert every == [f"{site}/docs/tides", f"{site}/docs/moon?a=1&b=2", f"{site}/blog/news"]
    few = web(enable_web_loader_private_addresses=True, web_loader_sitemap_pages=1)
    assert len(await sitemap.pages_of(f"{site}/", few)) == 1
    assert sitemap.is_sitemap("https://e.example/sitemap_index.xml.gz")
    assert not sitemap.is_sitemap("https://e.example/feed.xml")


async def test_a_site_without_a_sitemap_is_told(here: RetrievalSettings) -> None:
    with serving(Starlette(routes=[Route("/", lambda _: PlainTextResponse("x"))])) as url, pytest.raises(Upstream):
        await sitemap.pages_of(f"{url}/", here)


def test_a_packed_sitemap_that_broke_off_has_what_came() -> None:
    listed = "".join(f"<url><loc>https://e.example/{number:x}</loc></url>" for number in range(1000))
    packed = gzip.compress(listed.encode())
    address = "https://e.example/sitemap.xml.gz"

    def found(content: bytes) -> int:
        return len(sitemap.locations(Fetched(address, "application/gzip", None, content))[0])

    assert found(packed) == 1000
    assert found(packed + packed) == 2000, "of several parts"
    assert 0 < found(packed[: len(packed) // 2]) < 1000
    assert found(packed[:500] + b"damaged" + packed[500:]) < 1000
    assert found(packed[:-8] + bytes(8)) <= 1000, "its checksum is wrong"
    assert found(b"\x1f\x8b") == found(b"\x1f\x8b\x08" + bytes(50)) == 0
