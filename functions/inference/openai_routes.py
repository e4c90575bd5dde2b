"""Connections to providers (admin), and OpenAI's API as it is behind them."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated

import httpx2
from fastapi import APIRouter, Path, Request
from fastapi.responses import Response, StreamingResponse

from functions.inference import model_routes, streaming
from functions.inference.chat_routes import answer_directly
from functions.inference.models import CompletionForm, ModelList, UpstreamModels, VerifyForm
from shared.errors import Invalid, NotFound
from shared.identity.dependencies import AdminUser, VerifiedUser
from shared.identity.sessions import Identity
from shared.llm import connections
from shared.llm.connections import Connection, ConnectionsForm, ConnectionsSection
from shared.llm.errors import silent, unreachable
from shared.llm.providers import compatible, provider_for
from shared.llm.registry import KEPT_SECONDS, models_of, registry, verified
from shared.sections import load

router = APIRouter(prefix="/openai", tags=["openai"])

# What everybody may POST to besides audio/… and images/….
_MODEL_PATHS = frozenset({"chat/completions", "completions", "embeddings", "moderations", "rerank", "responses"})

# What of a provider's answer reaches the client; the rest is about the connection to the provider.
_PASSED_ON = ("content-type", "content-disposition", "openai-processing-ms", "x-request-id", "retry-after")


@router.get("/config")
def get_config(user: AdminUser) -> ConnectionsForm:
    """The connections, with keys masked."""
    return connections.shown(load(ConnectionsSection, fresh=True))


@router.post("/config/update")
def update_config(form: ConnectionsForm, user: AdminUser) -> ConnectionsForm:
    """Replaces the connections. A masked key that comes back stands for the stored one of the same address."""
    return connections.shown(connections.update(form))


@router.post("/verify")
async def verify(form: VerifyForm, user: AdminUser) -> UpstreamModels:
    """Tries a connection out: the provider's list of models, or why there is none."""
    connection = connections.with_secrets(form.url, form.key, form.config or {})
    return UpstreamModels(data=[model.raw for model in await verified(connection)])


@router.get("/models", response_model_exclude_none=True)
async def get_models(user: VerifiedUser, url_idx: int | None = None) -> ModelList:
    """The models of all connections, or of one."""
    shown = model_routes.shown(await registry.listing(), user)
    if url_idx is not None:
        shown.data = [model for model in shown.data if model.urlIdx == url_idx]
    return shown


@router.get("/models/{url_idx}")
async def get_connection_models(url_idx: Annotated[int, Path(ge=0)], user: VerifiedUser) -> UpstreamModels:
    """What one provider lists, asked for now."""
    return UpstreamModels(data=[model.raw for model in await models_of(_connection(user, url_idx))])


@router.post("/chat/completions", response_model=None)
async def complete(request: Request, form: CompletionForm, user: VerifiedUser, bypass_filter: bool = False) -> Response:
    """OpenAI's chat completion, as /api/chat/completions without a session. `bypass_filter` has no effect."""
    return await answer_directly(request, form, user)


@router.post("/audio/speech", response_model=None)
async def speak(request: Request, user: VerifiedUser) -> Response:
    """Speech, by the connection of the model."""
    return await _pass_on(request, "audio/speech", user)


async def pass_on(path: str, request: Request, user: VerifiedUser) -> Response:
    """Any other request of OpenAI's API, with the key of the connection that has the model, otherwise of the first.

    Everybody may use models this way. What else the key gives access to (files, batches, fine-tuning …) is the
    instance's, not one person's, so only an admin reaches it.
    """
    if not user.is_admin and not _uses_a_model(request.method, path):
        raise NotFound("This path is not passed on to the provider for you. An admin can call it.")
    return await _pass_on(request, path, user)


for _method in ("GET", "POST", "PUT", "DELETE"):
    router.add_api_route(
        "/{path:path}", pass_on, methods=[_method], response_model=None, operation_id=f"pass_on_{_method.lower()}"
    )


def _uses_a_model(method: str, path: str) -> bool:
    if method == "GET":
        return path == "models" or path.startswith("models/")
    return method == "POST" and (path in _MODEL_PATHS or path.startswith(("audio/", "images/")))


def _connection(user: Identity, index: int | None = None) -> Connection:
    """A connection this person may use: the one at an index, or the first that speaks OpenAI's API."""
    section = load(ConnectionsSection)
    for number, connection in enumerate(section.connections):
        wanted = number == index if index is not None else connection.kind in ("openai", "azure")
        if wanted and section.is_on(number) and connection.visible_to(user):
            return connection
    raise NotFound("There is no such connection. An admin can add one under Connections.")


async def _target(content: bytes, user: Identity) -> tuple[Connection, str, bytes]:
    """Where a request goes, the model as it is called there, and the body with that name in it."""
    try:
        given = json.loads(content)
    except ValueError:
        given = None
    named = given.get("model") if isinstance(given, dict) else None
    listing = await registry.listing(seconds=KEPT_SECONDS) if isinstance(named, str) else None
    if listing is None or listing.named(str(named)) is None:
        return await asyncio.to_thread(_connection, user), "", content
    connection, model = listing.route(str(named), user)
    return connection, model.upstream_id, json.dumps({**given, "model": model.upstream_id}).encode()


async def _pass_on(request: Request, path: str, user: Identity) -> Response:
    connection, model, content = await _target(await request.body(), user)
    if path == "embeddings" and model:
        return await streaming.document(request, provider_for(connection).embed(json.loads(content)))
    provider = compatible(connection)
    if provider is None or ".." in path.split("/"):
        raise Invalid("The provider of this model has no such path. Use /openai/chat/completions.")
    headers = await provider.headers()
    if content_type := request.headers.get("content-type"):
        headers["content-type"] = content_type
    upstream = provider.client.build_request(
        request.method,
        f"{provider.base_url(model)}/{path}",
        params={**provider.query, **request.query_params},
        content=content or None,
        headers=headers,
    )
    try:
        answer = await provider.client.send(upstream, stream=True)
    except httpx2.ReadTimeout as error:
        raise silent(provider.host) from error
    except httpx2.TransportError as error:
        raise unreachable(provider.host) from error
    passed = {name: answer.headers[name] for name in _PASSED_ON if name in answer.headers}
    return StreamingResponse(_bytes(answer), status_code=answer.status_code, headers=passed)


async def _bytes(answer: httpx2.Response) -> AsyncIterator[bytes]:
    try:
        async for piece in answer.aiter_bytes():
            yield piece
    finally:
        await answer.aclose()
