"""The edge's one handler: the rules decide, the proxy and the files carry out."""

from __future__ import annotations

from collections.abc import AsyncIterator

from aiohttp import ClientSession, DummyCookieJar, TCPConnector, web

from infra.edge_rules import BODY_LIMIT, TOO_LARGE, Refuse, decide
from infra.local.edge.backends import Backends
from infra.local.edge.files import web_file
from infra.local.edge.proxy import forward, forward_socket, forwarded_headers, refusal

BUCKETS = "/s3/"  # presigned URLs: /s3/<bucket>/<key>?X-Amz-…

BACKENDS = web.AppKey("backends", Backends)
SESSION = web.AppKey("session", ClientSession)


def create_app(backends: Backends) -> web.Application:
    """The edge as an aiohttp application."""
    app = web.Application(client_max_size=BODY_LIMIT + 1)
    app[BACKENDS] = backends
    app.cleanup_ctx.append(_session)
    app.on_response_prepare.append(_sign)
    app.router.add_route("*", "/{path:.*}", handle)
    return app


async def _session(app: web.Application) -> AsyncIterator[None]:
    connector = TCPConnector(limit=0, keepalive_timeout=30)
    async with ClientSession(connector=connector, cookie_jar=DummyCookieJar(), auto_decompress=False) as session:
        app[SESSION] = session
        yield


async def _sign(_: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = "Cirrus"


async def handle(request: web.Request) -> web.StreamResponse:
    """Answer one request."""
    backends, session = request.app[BACKENDS], request.app[SESSION]
    path = request.rel_url.raw_path
    if path.startswith(BUCKETS):
        return await forward(
            session,
            request,
            backends.emulator + path.removeprefix("/s3"),
            forwarded_headers(request, {}),
            _uploaded(request),
        )
    decision = decide(path, content_length=request.content_length or 0, transport=request.query.get("transport", ""))
    if isinstance(decision, Refuse):
        return refusal(decision.status, decision.detail)
    if decision.target == "web":
        return _web(request, backends, decision.path)
    viewer = backends.viewer_headers(request.host, request.scheme, request.remote or "")
    if decision.target == "socket":
        return await forward_socket(session, request, backends.socket(decision.path), viewer)
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        return refusal(413, TOO_LARGE)
    if len(body) > BODY_LIMIT:
        return refusal(413, TOO_LARGE)
    headers = forwarded_headers(request, viewer)
    return await forward(session, request, backends.api(decision.path), headers, body or None)


def _web(request: web.Request, backends: Backends, path: str) -> web.StreamResponse:
    if request.method not in ("GET", "HEAD"):
        return refusal(405, "Method Not Allowed")
    return web_file(backends.web, path)


def _uploaded(request: web.Request) -> AsyncIterator[bytes] | None:
    return request.content.iter_any() if request.body_exists else None
