"""What every HTTP function has in common: the FastAPI app, its errors, its log line, the viewer behind the edge."""

import asyncio
import gc
import hmac
import importlib
import json
import re
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from botocore.exceptions import ClientError
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pynamodb.exceptions import PynamoDBException
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.errors import DomainError, TooManyRequests
from shared.json_bodies import JsonBodies
from shared.logs import logger
from shared.settings import settings

# API Gateway has no resource whose path ends in `/`, yet the contract tells /api/v1/models from /api/v1/models/:
# CloudFront's function and the local edge append this, `TrailingSlash` takes it off again.
ROOT_MARK = "_root"
# What DynamoDB and S3 say of keys over 2,048, 1,024 and 1,024 bytes.
_KEY_TOO_LONG = re.compile(r"[Ss]ize of [\w ]+ has exceeded the (maximum )?size limit|KeyTooLong")
TOO_LONG_AN_ID = "An id in this request is longer than any id can be. Check it, or choose a shorter one."
GARBAGE_THRESHOLD = 50_000  # objects made since the last look, less those that are gone

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


@dataclass(frozen=True)
class Viewer:
    """The person's side of a request: public host, scheme and address, as CloudFront or the edge saw them."""

    host: str
    proto: str
    address: str

    @property
    def origin(self) -> str:
        """The public origin, such as https://chat.example.com."""
        return f"{self.proto}://{self.host}"


def viewer(request: Request) -> Viewer:
    """The viewer of a request; headers are believed only beside the secret that CloudFront and the edge add."""
    headers, secret = request.headers, settings().origin_secret
    if secret and hmac.compare_digest(headers.get("x-origin-verify", ""), secret):
        return Viewer(
            headers.get("x-viewer-host", ""),
            headers.get("x-viewer-proto", "https"),
            headers.get("x-viewer-address", ""),
        )
    return Viewer(headers.get("host", ""), request.url.scheme, request.client.host if request.client else "")


class App(FastAPI):
    """A FastAPI app some of whose routers are imported when the first request comes for them.

    Making a route and its models takes a millisecond, which a function that starts should not spend on routes that few
    of its requests are for. `later` names modules, each with a `router`, by a pattern that their paths match. Such
    routes are looked at before those that were there from the start, so they may not take paths of these.
    """

    def __init__(self, title: str, later: Mapping[str, tuple[str, ...]]) -> None:
        super().__init__(title=title, docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
        self._later = dict(later)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request."""
        if self._later and scope["type"] == "http":
            for pattern in [pattern for pattern in self._later if re.search(pattern, scope["path"])]:
                self._include(pattern)
        await super().__call__(scope, receive, send)

    def openapi(self) -> dict[str, Any]:
        """The document of all routes."""
        for pattern in list(self._later):
            self._include(pattern)
        return super().openapi()

    def _include(self, pattern: str) -> None:
        routes = self.router.routes
        known = len(routes)
        for module in self._later.pop(pattern, ()):
            self.include_router(importlib.import_module(module).router)
        routes[:] = routes[known:] + routes[:known]


def create_app(title: str, *routers: APIRouter, later: Mapping[str, tuple[str, ...]] = MappingProxyType({})) -> App:
    """The FastAPI app of one domain; for `later` see `App`."""
    app = App(f"Cirrus {title}", later)
    for router in routers:
        app.include_router(router)
    app.add_exception_handler(DomainError, _domain_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    for kind in (PynamoDBException, ClientError):
        app.add_exception_handler(kind, _storage_error)
    app.add_exception_handler(Exception, _unexpected_error)
    app.add_middleware(JsonBodies)
    app.add_middleware(GZipMiddleware, minimum_size=1024, compresslevel=5)
    app.add_middleware(RequestLog)
    app.add_middleware(TrailingSlash)
    return app


def lambda_handler(app: FastAPI) -> Handler:
    """The Lambda entry of a domain behind an API Gateway REST proxy."""
    from mangum import Mangum

    # Mangum asks for the current event loop, which Python no longer makes by itself.
    asyncio.set_event_loop(asyncio.new_event_loop())
    # A chat of thousands of messages makes a hundred thousand objects, none of them in a circle: looking for those, and
    # through all that was imported, was a third of the time of reading it.
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD)
    return Mangum(app, lifespan="off")


class TrailingSlash:
    """ASGI middleware: takes `_root` off a path, so that the app sees the path the client asked for."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].endswith("/" + ROOT_MARK):
            scope = {**scope, "path": scope["path"].removesuffix(ROOT_MARK)}
            scope["raw_path"] = scope["path"].encode()
        await self.app(scope, receive, send)


class RequestLog:
    """ASGI middleware: one structured line per request, and `x-request-id` on the answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["x-request-id"] = request_id
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        finally:
            logger().info(
                "request",
                extra={
                    "method": scope["method"],
                    "path": scope["path"],
                    "status": status,
                    "milliseconds": round((time.perf_counter() - started) * 1000, 1),
                    "request_id": request_id,
                    "user_id": scope["state"].get("user_id"),
                },
            )


def _request_id(scope: Scope) -> str:
    context = scope.get("aws.event", {}).get("requestContext", {})
    if not context and (raw := Headers(scope=scope).get("x-amzn-request-context")):
        context = json.loads(raw)
    return str(context.get("requestId") or uuid.uuid4())


async def _domain_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DomainError)
    headers = {"retry-after": str(error.retry_after)} if isinstance(error, TooManyRequests) else None
    return JSONResponse({"detail": error.detail}, status_code=error.status, headers=headers)


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return JSONResponse({"detail": error.detail}, status_code=error.status_code, headers=error.headers)


async def _validation_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    reasons = [
        f"{'.'.join(str(part) for part in e['loc'] if part != 'body') or 'body'}: {e['msg']}" for e in error.errors()
    ]
    return JSONResponse({"detail": "; ".join(reasons[:5])}, status_code=422)


async def _storage_error(request: Request, error: Exception) -> JSONResponse:
    """What is stored by an id that is too long for a key cannot be there; any other failure is unexpected."""
    if not _KEY_TOO_LONG.search(str(error)):
        raise error
    return JSONResponse({"detail": TOO_LONG_AN_ID}, status_code=HTTPStatus.BAD_REQUEST)


async def _unexpected_error(request: Request, error: Exception) -> JSONResponse:
    request_id = getattr(request.state, "request_id", "")
    logger().exception("unexpected error", extra={"path": request.url.path, "request_id": request_id})
    return JSONResponse(
        {"detail": f"Something went wrong on the server. Try again; if it stays, give an admin this id: {request_id}"},
        status_code=500,
    )
