"""Search engines by their APIs: a query in, results out. What each takes and answers is in its documentation."""

from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import parse_qs, urlsplit

import httpx2

from shared.errors import Invalid, Upstream
from shared.llm import http
from shared.llm.errors import quoted
from shared.retrieval.settings import RetrievalSettings
from shared.retrieval.web import domains
from shared.retrieval.web.calls import Call, Json, Result, bearer, listed

SECONDS = httpx2.Timeout(15, connect=http.CONNECT_SECONDS)
GOOGLE_PAGE, GOOGLE_MOST, BRAVE_MOST, TAVILY_MOST, BING_MOST = 10, 100, 20, 20, 50
SPARE = 3
"""So many times more results are asked for where some sites do not count."""
_BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


async def search(section: RetrievalSettings, query: str, client: httpx2.AsyncClient | None = None) -> list[Result]:
    """What the engine that an admin chose finds, at most `web_search_result_count`, of allowed sites only.

    Raises `Invalid` when there is none or it lacks a key, `Upstream` when it does not answer.
    """
    engine = ENGINES.get(section.web.web_search_engine)
    if engine is None:
        raise Invalid("No search engine is set up. An admin can choose one under Web search.")
    count, rules = section.web.web_search_result_count, section.web.web_search_domain_filter_list
    asked = count * SPARE if rules else count
    async with client or http.client(SECONDS) as opened:
        found = await engine(Call(opened, section, query, asked))
    unique = {result.link: result for result in reversed(found) if domains.allowed(result.link, rules)}
    return list(unique.values())[::-1][:count]


async def _searxng(call: Call) -> list[Result]:
    # https://docs.searxng.org/dev/search_api.html
    url = call.needed("searxng_query_url")
    if "<query>" in url:
        url = url.partition("?")[0]
    given = {"q": call.query, "format": "json", "pageno": "1", "safesearch": "1"}
    known = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    found = await call.json("GET", url.partition("?")[0], params={**known, **given})
    ordered = sorted(listed(found, "results"), key=lambda each: -float(each.get("score") or 0))
    return _results(ordered, "url", "title", "content")


async def _google_pse(call: Call) -> list[Result]:
    # https://developers.google.com/custom-search/v1/reference/rest/v1/cse/list
    headers = {"x-goog-api-key": call.needed("google_pse_api_key")}
    engine, found = call.needed("google_pse_engine_id"), []
    for start in range(1, min(call.count, GOOGLE_MOST) + 1, GOOGLE_PAGE):
        number = min(GOOGLE_PAGE, call.count - start + 1)
        params = {"cx": engine, "q": call.query, "num": str(number), "start": str(start)}
        page = await call.json("GET", "https://www.googleapis.com/customsearch/v1", params=params, headers=headers)
        items = listed(page, "items")
        found += items
        if len(items) < number:
            break
    return _results(found, "link", "title", "snippet")


async def _brave(call: Call) -> list[Result]:
    # https://api-dashboard.search.brave.com/app/documentation/web-search/get-started
    found = await call.json(
        "GET",
        "https://api.search.brave.com/res/v1/web/search",
        params={"q": call.query, "count": str(min(call.count, BRAVE_MOST))},
        headers={"x-subscription-token": call.needed("brave_search_api_key"), "accept": "application/json"},
    )
    return _results(listed(found.get("web"), "results"), "url", "title", "description")


async def _duckduckgo(call: Call) -> list[Result]:
    # It has no API for this: the page for browsers without scripts is read.
    from lxml import html

    answer = await call.answer(
        "POST", "https://html.duckduckgo.com/html/", data={"q": call.query}, headers={"user-agent": _BROWSER}
    )
    if answer.status_code == httpx2.codes.ACCEPTED:
        raise Upstream("DuckDuckGo takes no more searches from here at the moment. Try again later.")
    results: list[Result] = []
    for each in html.fromstring(answer.text or "<html/>").find_class("result__body"):
        links, snippets = each.find_class("result__a"), each.find_class("result__snippet")
        if links and (url := _redirected(str(links[0].get("href") or ""))):
            snippet = snippets[0].text_content() if snippets else ""
            results.append(Result(url, " ".join(links[0].text_content().split()), " ".join(snippet.split())))
    return results


async def _bing(call: Call) -> list[Result]:
    # https://learn.microsoft.com/bing/search-apis/bing-web-search/reference/endpoints
    found = await call.json(
        "GET",
        call.needed("bing_search_v7_endpoint"),
        params={"q": call.query, "count": str(min(call.count, BING_MOST))},
        headers={"ocp-apim-subscription-key": call.needed("bing_search_v7_subscription_key")},
    )
    return _results(listed(found.get("webPages"), "value"), "url", "name", "snippet")


async def _tavily(call: Call) -> list[Result]:
    # https://docs.tavily.com/documentation/api-reference/endpoint/search
    found = await call.json(
        "POST",
        "https://api.tavily.com/search",
        json={"query": call.query, "max_results": min(call.count, TAVILY_MOST)},
        headers=bearer(call.needed("tavily_api_key")),
    )
    return _results(listed(found, "results"), "url", "title", "content")


async def _serper(call: Call) -> list[Result]:
    # https://serper.dev/playground
    found = await call.json(
        "POST",
        "https://google.serper.dev/search",
        json={"q": call.query, "num": call.count},
        headers={"x-api-key": call.needed("serper_api_key")},
    )
    return _results(_by_position(found, "organic"), "link", "title", "snippet")


async def _serpstack(call: Call) -> list[Result]:
    # https://serpstack.com/documentation; it takes its key in the address only.
    scheme = "https" if call.section.web.serpstack_https else "http"
    found = await call.json(
        "GET",
        f"{scheme}://api.serpstack.com/search",
        params={"access_key": call.needed("serpstack_api_key"), "query": call.query, "num": str(call.count)},
    )
    if found.get("success") is False:
        said = found.get("error")
        raise Upstream(
            f"serpstack did not search.{quoted(str(said.get('info', '')) if isinstance(said, dict) else '')}"
        )
    return _results(_by_position(found, "organic_results"), "url", "title", "snippet")


async def _searchapi(call: Call) -> list[Result]:
    # https://www.searchapi.io/docs/google
    found = await call.json(
        "GET",
        "https://www.searchapi.io/api/v1/search",
        params={"engine": call.section.web.searchapi_engine.strip() or "google", "q": call.query},
        headers=bearer(call.needed("searchapi_api_key")),
    )
    return _results(_by_position(found, "organic_results"), "link", "title", "snippet")


async def _firecrawl(call: Call) -> list[Result]:
    # https://docs.firecrawl.dev/api-reference/endpoint/search; a server of one's own needs no key
    key = call.section.web_secret("firecrawl_api_key")
    found = await call.json(
        "POST",
        f"{call.needed('firecrawl_api_base_url').rstrip('/')}/v1/search",
        json={"query": call.query, "limit": call.count},
        headers=bearer(key),
    )
    return _results(listed(found, "data"), "url", "title", "description")


async def _external(call: Call) -> list[Result]:
    """A service of one's own: `{"query", "count"}` → `[{"link", "title", "snippet"}]`, as the contract has it."""
    key = call.section.web_secret("external_web_search_api_key")
    found = await call.json(
        "POST",
        call.needed("external_web_search_url"),
        json={"query": call.query, "count": call.count},
        headers=bearer(key),
    )
    return _results(listed(found, "results"), "link", "title", "snippet")


ENGINES: dict[str, Callable[[Call], Awaitable[list[Result]]]] = {
    "searxng": _searxng,
    "google_pse": _google_pse,
    "brave": _brave,
    "duckduckgo": _duckduckgo,
    "bing": _bing,
    "tavily": _tavily,
    "serper": _serper,
    "serpstack": _serpstack,
    "searchapi": _searchapi,
    "firecrawl": _firecrawl,
    "external": _external,
}
"""The engines there are, by the contract's names."""


def _by_position(found: Json, name: str) -> list[Json]:
    return sorted(listed(found, name), key=lambda each: int(each.get("position") or 0))


def _results(entries: Iterable[Json], link: str, title: str, snippet: str) -> list[Result]:
    made = (
        Result(str(each.get(link) or ""), str(each.get(title) or ""), str(each.get(snippet) or "")) for each in entries
    )
    return [result for result in made if result.link.startswith(("http://", "https://"))]


def _redirected(href: str) -> str:
    """Where a link of DuckDuckGo leads: `//duckduckgo.com/l/?uddg=<address>`. Advertisements lead nowhere."""
    parts = urlsplit(href if "://" in href else f"https:{href}")
    if (parts.hostname or "").endswith("duckduckgo.com"):
        return parse_qs(parts.query).get("uddg", [""])[0] if parts.path.startswith("/l/") else ""
    return parts.geturl()
