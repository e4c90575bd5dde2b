"""An Ollama for tests: its own API and its OpenAI-compatible one, with models to be pulled, copied and deleted."""

import asyncio
import hashlib
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.support.serving import serving

Json = dict[str, Any]
LAYER, SIZE = "sha256:" + "ab" * 32, 1000


@dataclass
class Seen:
    """One request that arrived."""

    method: str
    path: str
    body: Json
    headers: dict[str, str]


@dataclass
class OllamaServer:
    """The server; `models` by name. A pull moves `step` bytes at a time and goes on where an earlier one stopped."""

    models: list[str] = field(default_factory=lambda: ["small:latest"])
    version: str = "0.12.6"
    key: str = ""
    tokens: list[str] = field(default_factory=lambda: ["Grüße", ", ", "Welt"])
    step: int = 250
    pull_pause: float = 0.0
    pull_breaks: int = 0
    """So many pulls and pushes are cut off after their first step."""
    requests: list[Seen] = field(default_factory=list)
    blobs: dict[str, bytes] = field(default_factory=dict)
    pulled: dict[str, int] = field(default_factory=dict)
    pushed: dict[str, int] = field(default_factory=dict)
    """Bytes at the registry, which keeps what it has."""
    made: dict[str, Json] = field(default_factory=dict)
    """What models were made of."""
    create_breaks: int = 0
    """So many models are made without a word of it: the connection is lost."""
    left: threading.Event = field(default_factory=threading.Event)
    """Set when somebody stopped listening to a pull or push."""
    url: str = ""

    @property
    def app(self) -> Starlette:
        """The ASGI application."""
        return Starlette(
            routes=[
                Route("/api/version", self._version),
                Route("/api/tags", self._tags),
                Route("/api/ps", self._ps),
                Route("/api/show", self._show, methods=["POST"]),
                Route("/api/chat", self._chat, methods=["POST"]),
                Route("/api/generate", self._generate, methods=["POST"]),
                Route("/api/embed", self._embed, methods=["POST"]),
                Route("/api/embeddings", self._embed, methods=["POST"]),
                Route("/api/pull", self._pull, methods=["POST"]),
                Route("/api/push", self._push, methods=["POST"]),
                Route("/api/create", self._create, methods=["POST"]),
                Route("/api/copy", self._copy, methods=["POST"]),
                Route("/api/delete", self._delete, methods=["DELETE"]),
                Route("/api/blobs/{digest}", self._blob, methods=["HEAD", "POST"]),
                Route("/v1/{path:path}", self._openai, methods=["GET", "POST"]),
            ]
        )

    def reset(self) -> None:
        """As new."""
        fresh = OllamaServer(url=self.url)
        for name in self.__dataclass_fields__:
            setattr(self, name, getattr(fresh, name))

    def asked(self, path: str) -> list[Seen]:
        """The requests to a path."""
        return [seen for seen in self.requests if seen.path == path]

    async def _body(self, request: Request) -> Json:
        raw = await request.body()
        body = json.loads(raw) if raw.startswith(b"{") else {}
        self.requests.append(Seen(request.method, request.url.path, body, dict(request.headers)))
        return body

    async def _version(self, request: Request) -> Response:
        await self._body(request)
        return self._guarded(request) or JSONResponse({"version": self.version})

    async def _tags(self, request: Request) -> Response:
        await self._body(request)
        return self._guarded(request) or JSONResponse({"models": [self._tag(name) for name in self.models]})

    async def _ps(self, request: Request) -> Response:
        await self._body(request)
        loaded = [{**self._tag(name), "expires_at": "2026-11-21T12:00:00Z", "size_vram": 1} for name in self.models[:1]]
        return JSONResponse({"models": loaded})

    async def _show(self, request: Request) -> Response:
        body = await self._body(request)
        shown = {
            "details": {"family": "llama"},
            "model_info": {"general.name": body["model"]},
            "capabilities": ["tools"],
        }
        return self._missing(body["model"]) or JSONResponse(shown)

    async def _chat(self, request: Request) -> Response:
        body = await self._body(request)
        pieces = [{"message": {"role": "assistant", "content": token}} for token in self.tokens]
        whole = {"message": {"role": "assistant", "content": "".join(self.tokens)}}
        return self._missing(body["model"]) or self._answer(
            body, pieces, {"message": {"role": "assistant", "content": ""}}, whole
        )

    async def _generate(self, request: Request) -> Response:
        body = await self._body(request)
        pieces = [{"response": token} for token in self.tokens]
        return self._missing(body["model"]) or self._answer(
            body, pieces, {"response": ""}, {"response": "".join(self.tokens)}
        )

    async def _embed(self, request: Request) -> Response:
        body = await self._body(request)
        given = body.get("input", body.get("prompt"))
        texts = given if isinstance(given, list) else [given]
        vectors = [[float(len(text)), 1.0] for text in texts]
        one = request.url.path.endswith("/embeddings")
        return JSONResponse({"embedding": vectors[0]} if one else {"model": body["model"], "embeddings": vectors})

    async def _pull(self, request: Request) -> Response:
        body = await self._body(request)
        if body["model"] == "nothing":
            return JSONResponse({"error": "pull model manifest: file does not exist"}, status_code=500)
        return StreamingResponse(self._pulling(body["model"]), media_type="application/x-ndjson")

    async def _pulling(self, model: str) -> AsyncIterator[bytes]:
        yield _line({"status": "pulling manifest"})
        async for line in self._moving("pulling", self.pulled, model):
            yield line
        if self.pulled[model] < SIZE:
            return
        for status in ("verifying sha256 digest", "writing manifest", "success"):
            yield _line({"status": status})
        if model not in self.models:
            self.models.append(model)

    async def _moving(self, verb: str, moved: dict[str, int], model: str) -> AsyncIterator[bytes]:
        """The lines of a model on its way, from where an earlier try stopped."""
        ended, breaks = False, self.pull_breaks > 0
        self.pull_breaks -= 1
        moving = {"status": f"{verb} {LAYER[7:19]}", "digest": LAYER, "total": SIZE}
        try:
            while moved.get(model, 0) < SIZE:
                await asyncio.sleep(self.pull_pause)
                moved[model] = min(SIZE, moved.get(model, 0) + self.step)
                yield _line({**moving, "completed": moved[model]})
                if breaks:
                    break
            ended = True
        finally:
            if not ended:
                self.left.set()

    async def _push(self, request: Request) -> Response:
        body = await self._body(request)
        return self._missing(body["model"]) or StreamingResponse(
            self._pushing(body["model"]), media_type="application/x-ndjson"
        )

    async def _pushing(self, model: str) -> AsyncIterator[bytes]:
        yield _line({"status": "retrieving manifest"})
        if model.startswith("foreign/"):
            yield _line({"error": "you are not authorized to push to this namespace"})
            return
        async for line in self._moving("pushing", self.pushed, model):
            yield line
        if self.pushed[model] == SIZE:
            yield _line({"status": "pushing manifest"})
            yield _line({"status": "success"})

    async def _create(self, request: Request) -> Response:
        body = await self._body(request)
        if "from" in body and (missing := self._missing(body["from"])):
            return missing
        self.made[body["model"]] = body
        self.models = [name for name in self.models if name != body["model"]] + [body["model"]]
        if body.get("stream") is False:
            return JSONResponse({"status": "success"})
        self.create_breaks -= 1
        ending = [] if self.create_breaks >= 0 else [{"status": "success"}]
        return _lines({"status": "reading model metadata"}, *ending)

    async def _copy(self, request: Request) -> Response:
        body = await self._body(request)
        self.models.append(body["destination"])
        return self._missing(body["source"]) or Response()

    async def _delete(self, request: Request) -> Response:
        body = await self._body(request)
        if missing := self._missing(body["model"]):
            return missing
        self.models.remove(body["model"])
        return Response()

    async def _blob(self, request: Request) -> Response:
        digest, content = request.path_params["digest"], await request.body()
        self.requests.append(Seen(request.method, request.url.path, {}, dict(request.headers)))
        if request.method == "HEAD":
            return Response(status_code=200 if digest in self.blobs else 404)
        if digest != f"sha256:{hashlib.sha256(content).hexdigest()}":
            return JSONResponse({"error": "digest mismatch"}, status_code=400)
        self.blobs[digest] = content
        return Response(status_code=201)

    async def _openai(self, request: Request) -> Response:
        body = await self._body(request)
        return JSONResponse({"object": "text_completion", "path": request.url.path, "body": body})

    def _answer(self, body: Json, pieces: list[Json], last: Json, whole: Json) -> Response:
        head = {"model": body["model"], "created_at": "2026-11-21T00:00:00Z", "done": False}
        counted = {
            "done_reason": "stop",
            "prompt_eval_count": 3,
            "eval_count": len(self.tokens),
            "eval_duration": 10**9,
        }
        end = {**head, **last, **counted, "done": True}
        if body.get("stream") is False:
            return JSONResponse({**end, **whole})
        return _lines(*({**head, **piece} for piece in pieces), end)

    def _tag(self, name: str) -> Json:
        family = "nomic-bert" if "embed" in name else "llama"
        details = {"family": family, "families": [family], "parameter_size": "1B", "quantization_level": "Q4_0"}
        digest = hashlib.sha256(f"{name}{self.made.get(name, '')}".encode()).hexdigest()
        moment = "2026-11-21T00:00:00Z"
        return {"name": name, "model": name, "modified_at": moment, "size": SIZE, "digest": digest, "details": details}

    def _missing(self, model: str) -> Response | None:
        if model in self.models or f"{model}:latest" in self.models:
            return None
        return JSONResponse({"error": f"model '{model}' not found"}, status_code=404)

    def _guarded(self, request: Request) -> Response | None:
        if self.key and request.headers.get("authorization") != f"Bearer {self.key}":
            return PlainTextResponse("unauthorized", status_code=401)
        return None


@contextmanager
def running(server: OllamaServer | None = None) -> Iterator[OllamaServer]:
    """An Ollama on a free port of this machine."""
    server = server or OllamaServer()
    with serving(server.app) as server.url:
        yield server


def _line(data: Json) -> bytes:
    return f"{json.dumps(data, ensure_ascii=False)}\n".encode()


def _lines(*objects: Json) -> Response:
    return Response(b"".join(map(_line, objects)), media_type="application/x-ndjson")
