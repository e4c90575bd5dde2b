"""Search engines: what each is asked, and what it answers, as recorded of its API."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import httpx2
import pytest

from shared.errors import Invalid, Upstream
from shared.retrieval.settings import RetrievalSettings
from shared.retrieval.web import searching
from shared.retrieval.web.calls import Result
from shared.retrieval.web.engines import ENGINES, search
from tests.support.recorded import Player, Recording

Web = Callable[..., RetrievalSettings]
FIRST = Result("https://docs.aws.example/lambda", "Lambda quotas", "A function may run 15 minutes.")
SECOND = Result("https://blog.example/limits", "Limits, told", "Memory is up to 10,240 MB.")

DUCKDUCKGO = """<!DOCTYPE html><html><body><div class="results">
<div class="result results_links result--ad"><div class="links_main links_deep result__body">
<h2 class="result__title"><a class="result__a" href="https://duckduckgo.com/y.js?ad_domain=ads.example">Buy!</a></h2>
<a class="result__snippet" href="#">An advertisement</a></div></div>
<div class="result results_links web-result"><div class="links_main links_deep result__body">
<h2 class="result__title"><a rel="nofollow" class="result__a"
 href="//duckduckgo.com/l/?uddg=https%3A%2F%2Fdocs.aws.example%2Flambda&amp;rut=0f2b">Lambda quotas</a></h2>
<a class="result__snippet" href="//duckduckgo.com/l/?uddg=x">A function may run <b>15 minutes</b>.</a></div></div>
<div class="result results_links web-result"><div class="links_main links_deep result__body">
<h2 class="result__title"><a rel="nofollow" class="result__a" href="https://blog.example/limits">Limits, told</a></h2>
<a class="result__snippet" href="#">Memory is up to 10,240 MB.</a></div></div></div></body></html>"""

RECORDED: dict[str, tuple[dict[str, Any], Any]] = {
    "searxng": (
        {"searxng_query_url": "http://searx.example/search?q=<query>&language=de"},
        {
            "query": "lambda",
            "number_of_results": 2,
            "results": [
                {"url": SECOND.link, "title": SECOND.title, "content": SECOND.snippet, "score": 0.5, "engine": "bing"},
                {"url": FIRST.link, "title": FIRST.title, "content": FIRST.snippet, "score": 2.0, "engine": "google"},
            ],
            "unresponsive_engines": [["qwant", "timeout"]],
        },
    ),
    "google_pse": (
        {"google_pse_api_key": "k-google", "google_pse_engine_id": "cx1"},
        {
            "kind": "customsearch#search",
            "searchInformation": {"totalResults": "2"},
            "items": [
                {"kind": "customsearch#result", "link": r.link, "title": r.title, "snippet": r.snippet}
                for r in (FIRST, SECOND)
            ],
        },
    ),
    "brave": (
        {"brave_search_api_key": "k-brave"},
        {
            "type": "search",
            "web": {
                "type": "search",
                "results": [{"title": r.title, "url": r.link, "description": r.snippet} for r in (FIRST, SECOND)],
            },
        },
    ),
    "duckduckgo": ({}, DUCKDUCKGO),
    "bing": (
        {"bing_search_v7_subscription_key": "k-bing"},
        {
            "_type": "SearchResponse",
            "webPages": {
                "totalEstimatedMatches": 2,
                "value": [
                    {"id": "https://api.bing/#0", "name": r.title, "url": r.link, "snippet": r.snippet}
                    for r in (FIRST, SECOND)
                ],
            },
        },
    ),
    "tavily": (
        {"tavily_api_key": "k-tavily"},
        {
            "query": "lambda",
            "answer": None,
            "results": [
                {"title": r.title, "url": r.link, "content": r.snippet, "score": 0.9, "raw_content": None}
                for r in (FIRST, SECOND)
            ],
            "response_time": 1.1,
        },
    ),
    "serper": (
        {"serper_api_key": "k-serper"},
        {
            "searchParameters": {"q": "lambda", "type": "search"},
            "organic": [
                {"title": SECOND.title, "link": SECOND.link, "snippet": SECOND.snippet, "position": 2},
                {"title": FIRST.title, "link": FIRST.link, "snippet": FIRST.snippet, "position": 1},
            ],
        },
    ),
    "serpstack": (
        {"serpstack_api_key": "k-serpstack"},
        {
            "request": {"success": True},
            "organic_results": [
                {"position": n, "title": r.title, "url": r.link, "domain": "x", "snippet": r.snippet}
                for n, r in enumerate((FIRST, SECOND), start=1)
            ],
        },
    ),
    "searchapi": (
        {"searchapi_api_key": "k-searchapi", "searchapi_engine": "bing"},
        {
            "search_metadata": {"status": "Success"},
            "organic_results": [
                {"position": n, "title": r.title, "link": r.link, "snippet": r.snippet}
                for n, r in enumerate((FIRST, SECOND), start=1)
            ],
        },
    ),
    "firecrawl": (
        {"firecrawl_api_key": "k-firecrawl"},
        {
            "success": True,
            "data": [{"title": r.title, "url": r.link, "description": r.snippet} for r in (FIRST, SECOND)],
        },
    ),
    "external": (
        {"external_web_search_url": "http://search.example/find", "external_web_search_api_key": "k-external"},
        [{"link": r.link, "title": r.title, "snippet": r.snippet} for r in (FIRST, SECOND)],
    ),
}
# Where each is asked, and which header or parameter carries the key.
ASKED: dict[str, tuple[str, str, str]] = {
    "searxng": ("GET", "http://searx.example/search", ""),
    "google_pse": ("GET", "https://www.googleapis.com/customsearch/v1", "x-goog-api-key: k-google"),
    "brave": ("GET", "https://api.search.brave.com/res/v1/web/search", "x-subscription-token: k-brave"),
    "duckduckgo": ("POST", "https://html.duckduckgo.com/html/", ""),
    "bing": ("GET", "https://api.bing.microsoft.com/v7.0/search", "ocp-apim-subscription-key: k-bing"),
    "tavily": ("POST", "https://api.tavily.com/search", "authorization: Bearer k-tavily"),
    "serper": ("POST", "https://google.serper.dev/search", "x-api-key: k-serper"),
    "serpstack": ("GET", "https://api.serpstack.com/search", "?access_key=k-serpstack"),
    "searchapi": ("GET", "https://www.searchapi.io/api/v1/search", "authorization: Bearer k-searchapi"),
    "firecrawl": ("POST", "https://api.firecrawl.dev/v1/search", "authorization: Bearer k-firecrawl"),
    "external": ("POST", "http://search.example/find", "authorization: Bearer k-external"),
}


def recording(answer: Any, status: int = 200) -> Recording:
    if isinstance(answer, str):
        return Recording(answer.encode(), status, "text/html; charset=UTF-8")
    return Recording(json.dumps(answer).encode(), status)


def query_of(request: httpx2.Request) -> str:
    if request.method == "GET":
        params = request.url.params
        return str(params.get("q") or params.get("query"))
    if "json" in request.headers["content-type"]:
        body = json.loads(request.content)
        return str(body.get("q") or body.get("query"))
    return parse_qs(request.content.decode())["q"][0]


@pytest.mark.parametrize("engine", sorted(ENGINES))
async def test_an_engine_is_asked_as_its_api_wants_and_its_answer_is_read(engine: str, web: Web) -> None:
    given, answer = RECORDED[engine]
    player = Player([recording(answer)])
    section = web(web_search_engine=engine, web_search_result_count=2, **given)
    assert await search(section, "lambda & limits", player.client) == [FIRST, SECOND]
    [request] = player.requests
    method, url, key = ASKED[engine]
    assert (request.method, str(request.url).partition("?")[0], query_of(request)) == (method, url, "lambda & limits")
    if key.startswith("?"):
        assert key.removeprefix("?") in str(request.url.query.decode())
    elif key:
        name, _, value = key.partition(": ")
        assert request.headers[name] == value
        assert value.removeprefix("Bearer ") not in str(request.url)


@pytest.mark.parametrize("engine", sorted(ENGINES))
async def test_an_engine_that_refuses_is_told_in_words(engine: str, web: Web) -> None:
    section = web(web_search_engine=engine, **RECORDED[engine][0])
    for status, said in ((401, "key"), (429, "no more requests"), (500, "Try again")):
        with pytest.raises(Upstream, match=said):
            await search(section, "lambda", Player([recording({}, status)]).client)


@pytest.mark.parametrize(
    ("engine", "answer"),
    [
        ("searxng", b'{"results": [{"url": "https://e.example", "score": "high"}]}'),
        ("serper", b'{"organic": [{"link": "https://e.example", "position": [1]}]}'),
        ("duckduckgo", b" "),
        ("brave", b"[" * 50_000),
        ("brave", b'{"web": NaN}'),
    ],
)
async def test_an_answer_that_no_engine_should_give_is_told_in_words(
    engine: str, answer: bytes, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    section = web(web_search_engine=engine, **RECORDED[engine][0])
    monkeypatch.setattr(searching.http, "client", lambda *_: Player([Recording(answer)]).client)
    with pytest.raises(Upstream):
        await searching.search(["lambda"], section)


async def test_half_an_emoji_at_the_end_of_a_snippet_is_mended(web: Web) -> None:
    section = web(web_search_engine="external", external_web_search_url="http://search.example/")
    answer = b'[{"link": "https://e.example", "title": "t", "snippet": "cut \\ud83d"}]'
    [found] = await search(section, "x", Player([Recording(answer)]).client)
    assert found.snippet == "cut \ufffd"


@pytest.mark.parametrize("engine", sorted(set(ENGINES) - {"duckduckgo", "firecrawl"}))
async def test_what_an_admin_has_not_entered_is_named(engine: str, web: Web) -> None:
    section = web(web_search_engine=engine)
    with pytest.raises(Invalid, match=r"an admin has to enter [A-Z_]+"):
        await search(section, "lambda", Player([recording({})]).client)


async def test_sites_on_and_off_the_list(web: Web) -> None:
    async def found(*rules: str) -> list[Result]:
        given, answer = RECORDED["tavily"]
        section = web(web_search_engine="tavily", web_search_domain_filter_list=rules, **given)
        player = Player([recording(answer)])
        results = await search(section, "lambda", player.client)
        assert player.body()["max_results"] == 9, "some of what is found does not count"
        return results

    assert await found("aws.example") == [FIRST]
    assert await found("!aws.example") == [SECOND]
    assert await found("example", "!docs.aws.example") == [SECOND]
    assert await found("ws.example") == []


async def test_google_gives_ten_at_a_time(web: Web) -> None:
    pages = [
        recording({"items": [{"link": f"https://example.org/{n}"} for n in range(start, start + count)]})
        for start, count in ((0, 10), (10, 10), (20, 5))
    ]
    player = Player(pages)
    section = web(web_search_engine="google_pse", web_search_result_count=25, **RECORDED["google_pse"][0])
    assert len(await search(section, "lambda", player.client)) == 25
    assert [(r.url.params["start"], r.url.params["num"]) for r in player.requests] == [
        ("1", "10"),
        ("11", "10"),
        ("21", "5"),
    ]


async def test_without_an_engine_it_is_said(web: Web) -> None:
    with pytest.raises(Invalid, match="No search engine"):
        await search(web(), "lambda")
