"""Forwards HTTP requests and WebSocket connections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Mapping

from aiohttp import (
    ClientConnectionError,
    ClientConnectorError,
    ClientPayloadError,
    ClientSession,
    ClientTimeout,
    ClientWebSocketResponse,
    WebSocketError,
    WSCloseCode,
    WSMsgType,
    WSServerHandshakeError,
    web,
)
from multidict import CIMultiDict
from yarl import URL

from infra import edge_rules

TIMEOUT = ClientTimeout(total=None, sock_connect=5, sock_read=120)  # CloudFront's origin timeout is 120 s too
MESSAGE_LIMIT = 128 * 1024  # bytes: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html

# RFC 9110, section 7.6.1, and what only the edge may say.
_HOP_BY_HOP = {
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
    "transfer-encoding", "upgrade",
}  # fmt: skip
_OURS = {
    "host", "content-length", "expect",
    "forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip",
    edge_rules.ORIGIN_VERIFY, edge_rules.VIEWER_HOST, edge_rules.VIEWER_PROTO, edge_rules.VIEWER_ADDRESS,
}  # fmt: skip
_HANDSHAKE = {"sec-websocket-key", "sec-websocket-version", "sec-websocket-extensions", "sec-websocket-protocol"}


def refusal(status: int, detail: str) -> web.Response:
    """An error in the API's shape."""
    return web.json_response({"detail": detail}, status=status)


def forwarded_headers(
    request: web.Request, extra: Mapping[str, str], *, without: set[str] | None = None
) -> CIMultiDict[str]:
    """The client's headers, less those of its connection and those that only the edge may set, plus ``extra``."""
    dropped = _HOP_BY_HOP | _OURS | (without or set())
    headers = CIMultiDict((name, value) for name, value in request.headers.items() if name.lower() not in dropped)
    headers.update(extra)
    return headers


async def forward(
    session: ClientSession,
    request: web.Request,
    url: str,
    headers: CIMultiDict[str],
    body: bytes | AsyncIterable[bytes] | None,
) -> web.StreamResponse:
    """Send the request to ``url`` and its answer back, each piece as it comes."""
    headers.setdefault("Accept-Encoding", "identity")
    if isinstance(body, AsyncIterable) and request.content_length is not None:
        headers["Content-Length"] = str(request.content_length)
    try:
        answer = await session.request(
            request.method, _target(url, request), headers=headers, data=body, allow_redirects=False, timeout=TIMEOUT
        )
    except ClientConnectorError:
        return refusal(503, "Cirrus is starting. Try again in a moment.")
    except (ClientConnectionError, TimeoutError):
        return refusal(502, "Cirrus did not answer this request. Try again in a moment.")
    async with answer:
        response = web.StreamResponse(status=answer.status, reason=answer.reason)
        for name, value in answer.headers.items():
            if name.lower() not in _HOP_BY_HOP | {"server", "date"}:
                response.headers.add(name, value)
        await response.prepare(request)
        try:
            async for piece in answer.content.iter_any():
                await response.write(piece)
        except (ClientPayloadError, ClientConnectionError, TimeoutError):
            # The head is out: all that is left is to end the connection, so that the client sees it is not whole.
            if request.transport is not None:
                request.transport.abort()
            return response
        await response.write_eof()
        return response


async def forward_socket(
    session: ClientSession, request: web.Request, url: str, extra: Mapping[str, str]
) -> web.StreamResponse:
    """Join the client's WebSocket to the one at ``url``, with API Gateway's limits on what a client sends."""
    protocols = [part.strip() for part in request.headers.get("Sec-WebSocket-Protocol", "").split(",") if part.strip()]
    headers = forwarded_headers(request, extra, without=_HANDSHAKE)
    try:
        upstream = await session.ws_connect(
            _target(url, request), headers=headers, protocols=protocols, max_msg_size=0, autoping=True, autoclose=True
        )
    except WSServerHandshakeError as error:
        return refusal(error.status if error.status >= 400 else 502, "The connection was refused.")
    except (ClientConnectionError, TimeoutError):
        return refusal(503, "Cirrus is starting. Try again in a moment.")
    client = web.WebSocketResponse(
        protocols=[upstream.protocol] if upstream.protocol else (), max_msg_size=MESSAGE_LIMIT, compress=False
    )
    await client.prepare(request)
    directions = [
        asyncio.create_task(_from_client(client, upstream)),
        asyncio.create_task(_to_client(upstream, client)),
    ]
    try:
        await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for direction in directions:
            direction.cancel()
        await asyncio.gather(*directions, return_exceptions=True)
        await upstream.close()
        await client.close(code=upstream.close_code or WSCloseCode.GOING_AWAY)
    return client


async def _from_client(client: web.WebSocketResponse, upstream: ClientWebSocketResponse) -> None:
    async for message in client:
        if message.type is WSMsgType.TEXT:
            try:
                await upstream.send_str(message.data)
            except ConnectionError:
                return
        elif message.type is WSMsgType.BINARY:
            await client.close(code=WSCloseCode.UNSUPPORTED_DATA, message=b"send text")
            return
        elif message.type is WSMsgType.ERROR:
            too_big = isinstance(message.data, WebSocketError)
            await client.close(code=WSCloseCode.MESSAGE_TOO_BIG if too_big else WSCloseCode.PROTOCOL_ERROR)
            return


async def _to_client(upstream: ClientWebSocketResponse, client: web.WebSocketResponse) -> None:
    async for message in upstream:
        if message.type is WSMsgType.TEXT:
            try:
                await client.send_str(message.data)
            except ConnectionError:
                return
        elif message.type is WSMsgType.ERROR:
            return


def _target(url: str, request: web.Request) -> URL:
    query = request.rel_url.raw_query_string
    return URL(f"{url}?{query}" if query else url, encoded=True)
