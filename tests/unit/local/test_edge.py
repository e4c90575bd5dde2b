"""The edge in front of stand-ins for the emulator and for ``inference``."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import ClientSession, WSMsgType, web
from aiohttp.test_utils import TestClient, TestServer

from infra.edge_rules import BODY_LIMIT
from infra.local.edge.app import create_app
from infra.local.edge.backends import Backends
from infra.local.ports import free_port

Client = TestClient[web.Request, web.Application]
SECRET = "what only the edge knows"


@dataclass
class Backend:
    """Records what it is asked, and answers with it; ``/slow`` paths stream until ``go_on`` is set."""

    requests: list[web.Request] = field(default_factory=list)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        if request.headers.get("Upgrade") == "websocket":
            return await self._socket(request)
        if request.path.endswith("/slow"):
            return await self._stream(request)
        body = await request.read()
        answer = web.json_response({"path": request.raw_path, "length": len(body)})
        answer.headers.add("Set-Cookie", "token=a; Path=/")
        answer.headers.add("Set-Cookie", "other=b; Path=/")
        return answer

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        try:
            await response.write(b"data: first\n\n")
            await self.go_on.wait()
            await response.write(b"data: second\n\n")
        except asyncio.CancelledError:
            self.gone.set()
            raise
        return response

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        if "refused" in request.query:
            return web.Response(status=403)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            if message.data == "leave":
                await socket.close(code=4001)
            else:
                await socket.send_str(f"echo {message.data}")
        return socket


async def _serve(backend: Backend) -> TestServer[web.Request]:
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_route("*", "/{path:.*}", backend.handle)
    server = TestServer(app)
    await server.start_server()
    return server


@pytest.fixture
async def emulator() -> Backend:
    return Backend()


@pytest.fixture
async def inference() -> Backend:
    return Backend()


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A built web app."""
    folder = tmp_path / "web"
    (folder / "_app/immutable").mkdir(parents=True)
    (folder / "index.html").write_text("<script>start()</script>")
    (folder / "_app/immutable/app.abc.js").write_text("console.log(1)")
    (folder / "_app/immutable/app.abc.js.br").write_bytes(b"brotli")
    (folder / "_app/immutable/app.abc.js.gz").write_bytes(b"gzip")
    (tmp_path / "secret.txt").write_text("not for the world")
    return folder


@pytest.fixture
async def edge(emulator: Backend, inference: Backend, built: Path) -> AsyncIterator[Client]:
    servers = [await _serve(emulator), await _serve(inference)]
    urls = [str(server.make_url("")).rstrip("/") for server in servers]
    backends = Backends(urls[0], urls[1], "rest1", "api", "socket1", SECRET, built)
    async with TestClient(TestServer(create_app(backends))) as client:
        yield client
    for server in servers:
        await server.close()


async def test_paths_of_a_domain_go_to_the_rest_api_with_their_query(edge: Client) -> None:
    answer = await edge.get("/api/v1/chats/a%2Fb?page=2&q=%C3%A4")
    assert (await answer.json())["path"] == "/_aws/execute-api/rest1/api/api/v1/chats/a%2Fb?page=2&q=%C3%A4"


async def test_a_trailing_slash_becomes_the_mark_that_functions_take_off(edge: Client) -> None:
    answer = await edge.get("/api/v1/chats/")
    assert (await answer.json())["path"] == "/_aws/execute-api/rest1/api/api/v1/chats/_root"


async def test_paths_of_inference_go_to_its_process(edge: Client, inference: Backend, emulator: Backend) -> None:
    await edge.post("/api/chat/completions", json={})
    await edge.get("/api/v1/models")
    await edge.get("/api/v1/models/")
    assert [request.path for request in inference.requests] == ["/api/chat/completions", "/api/v1/models"]
    assert [request.path for request in emulator.requests] == ["/_aws/execute-api/rest1/api/api/v1/models/_root"]


async def test_only_the_edge_says_who_the_viewer_is(edge: Client, emulator: Backend) -> None:
    forged = {"X-Origin-Verify": "guess", "X-Viewer-Address": "9.9.9.9", "X-Viewer-Host": "evil.example"}
    await edge.get("/api/config", headers=forged)
    headers = emulator.requests[0].headers
    assert headers.getall("x-origin-verify") == [SECRET]
    assert headers.getall("x-viewer-address") == ["127.0.0.1"]
    assert headers.getall("x-viewer-host") == [f"127.0.0.1:{edge.port}"]
    assert headers["x-viewer-proto"] == "http"


async def test_every_cookie_of_an_answer_arrives(edge: Client) -> None:
    answer = await edge.get("/api/config")
    assert answer.headers.getall("Set-Cookie") == ["token=a; Path=/", "other=b; Path=/"]


async def test_a_body_at_the_limit_passes_and_one_over_it_is_refused(edge: Client) -> None:
    answer = await edge.post("/api/v1/chats/new", data=b"x" * BODY_LIMIT)
    assert (await answer.json())["length"] == BODY_LIMIT
    refused = await edge.post("/api/v1/chats/new", data=b"x" * (BODY_LIMIT + 1))
    assert refused.status == 413
    assert "4 MB" in (await refused.json())["detail"]


async def test_a_body_of_unknown_length_is_held_to_the_limit_too(edge: Client) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield b"x" * (1024 * 1024)

    refused = await edge.post("/api/v1/chats/new", data=pieces())
    assert refused.status == 413


async def test_events_are_passed_on_as_they_come(edge: Client, inference: Backend) -> None:
    async with edge.get("/api/chat/slow") as answer:
        assert await asyncio.wait_for(answer.content.readline(), 5) == b"data: first\n"
        inference.go_on.set()
        rest = await asyncio.wait_for(answer.content.read(), 5)
    assert rest == b"\ndata: second\n\n"


async def test_a_client_that_leaves_ends_the_stream_behind(edge: Client, inference: Backend) -> None:
    async with edge.get("/api/chat/slow") as answer:
        await answer.content.readline()
        answer.close()
        await asyncio.wait_for(inference.gone.wait(), 5)


async def test_presigned_addresses_lead_to_the_bucket(edge: Client, emulator: Backend) -> None:
    answer = await edge.put("/s3/bucket/a%20key?X-Amz-Signature=s", data=b"x" * (6 * 1024 * 1024))
    assert await answer.json() == {"path": "/bucket/a%20key?X-Amz-Signature=s", "length": 6 * 1024 * 1024}
    assert "x-origin-verify" not in emulator.requests[0].headers


async def test_a_socket_is_joined_to_the_stage_of_the_socket_api(edge: Client, emulator: Backend) -> None:
    async with edge.ws_connect("/ws/socket.io/?EIO=4&transport=websocket") as socket:
        await socket.send_str("40")
        assert await socket.receive_str(timeout=5) == "echo 40"
    assert emulator.requests[0].raw_path == "/_aws/execute-api/socket1/ws?EIO=4&transport=websocket"
    assert emulator.requests[0].headers["x-origin-verify"] == SECRET


async def test_the_close_code_of_the_server_reaches_the_client(edge: Client) -> None:
    async with edge.ws_connect("/ws/socket.io/?EIO=4&transport=websocket") as socket:
        await socket.send_str("leave")
        assert (await socket.receive(timeout=5)).type is WSMsgType.CLOSE
        assert socket.close_code == 4001


async def test_a_refused_socket_is_answered_with_its_status(edge: Client) -> None:
    answer = await edge.get(
        "/ws/socket.io/?EIO=4&transport=websocket&refused=1",
        headers={
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        },
    )
    assert answer.status == 403


@pytest.mark.parametrize(("size", "code"), [(128 * 1024 + 1, 1009)])
async def test_a_message_over_the_limit_of_api_gateway_closes_the_socket(edge: Client, size: int, code: int) -> None:
    async with edge.ws_connect("/ws/socket.io/?EIO=4&transport=websocket") as socket:
        await socket.send_str("x" * size)
        await socket.receive(timeout=5)
        assert socket.close_code == code


async def test_binary_frames_close_the_socket(edge: Client) -> None:
    async with edge.ws_connect("/ws/socket.io/?EIO=4&transport=websocket") as socket:
        await socket.send_bytes(b"binary")
        await socket.receive(timeout=5)
        assert socket.close_code == 1003


async def test_polling_is_told_that_only_sockets_work(edge: Client) -> None:
    answer = await edge.get("/ws/socket.io/?EIO=4&transport=polling")
    assert answer.status == 400
    assert "WebSocket" in (await answer.json())["detail"]


async def test_pages_are_revalidated_and_hashed_files_kept(edge: Client) -> None:
    page = await edge.get("/c/some-chat")
    assert (await page.text(), page.headers["Cache-Control"]) == ("<script>start()</script>", "no-cache")
    again = await edge.get("/c/some-chat", headers={"If-None-Match": page.headers["ETag"]})
    assert again.status == 304
    script = await edge.get("/_app/immutable/app.abc.js", headers={"Accept-Encoding": "identity"})
    assert script.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert script.headers["Content-Type"].startswith("text/javascript")


@pytest.mark.parametrize(("accepted", "expected"), [("gzip, br", b"brotli"), ("gzip", b"gzip")])
async def test_files_compressed_beforehand_are_used(edge: Client, accepted: str, expected: bytes) -> None:
    async with ClientSession(auto_decompress=False) as session:
        url = edge.make_url("/_app/immutable/app.abc.js")
        answer = await session.get(url, headers={"Accept-Encoding": accepted})
        assert await answer.read() == expected
        assert answer.headers["Vary"] == "Accept-Encoding"


async def test_pages_carry_the_security_headers_of_cloudfront(edge: Client) -> None:
    page = await edge.get("/")
    assert "'sha256-" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_missing_file_is_no_page(edge: Client) -> None:
    answer = await edge.get("/_app/immutable/gone.js")
    assert (answer.status, await answer.json()) == (404, {"detail": "Not Found"})


async def test_an_unknown_path_of_the_api_is_never_a_page(edge: Client, emulator: Backend) -> None:
    await edge.get("/api/v1/nothing")
    assert emulator.requests[0].path.endswith("/api/v1/nothing")


@pytest.mark.parametrize("path", ["/../secret.txt", "/..%2fsecret.txt", "/%2e%2e/secret.txt"])
async def test_nothing_outside_the_web_app_is_served(edge: Client, path: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    assert b"not for the world" not in answer


@pytest.mark.parametrize("path", ["/api/config", "/api/models", "/ws/socket.io/?transport=websocket"])
async def test_a_part_that_is_down_is_told_in_words(path: str, built: Path) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    backends = Backends(nowhere, nowhere, "rest1", "api", "socket1", SECRET, built)
    async with TestClient(TestServer(create_app(backends))) as client:
        answer = await client.get(path)
        assert answer.status == 503
        assert "starting" in json.loads(await answer.text())["detail"]


async def test_a_web_app_that_is_not_built_is_told_in_words(tmp_path: Path) -> None:
    backends = Backends("http://x", "http://x", "rest1", "api", "socket1", SECRET, tmp_path)
    async with TestClient(TestServer(create_app(backends))) as client:
        answer = await client.get("/")
        assert (answer.status, "make web" in (await answer.json())["detail"]) == (503, True)
