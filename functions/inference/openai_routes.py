"""Connections to providers (admin), and OpenAI's API as it is behind them."""

import asyncio
import json
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from functions.inference import model_routes, passing, streaming
from functions.inference.direct import answer_directly
from functions.inference.models import CompletionForm, ModelList, UpstreamModels, VerifyForm
from shared.errors import NotFound
from shared.identity.dependencies import AdminUser, VerifiedUser
from shared.identity.sessions import Identity
from shared.llm import connections
from shared.llm.catalog import choose
from shared.llm.connections import Connection, ConnectionsForm, ConnectionsSection
from shared.llm.providers import provider_for
from shared.llm.registry import models_of, registry, verified
from shared.sections import load

router = APIRouter(prefix="/openai", tags=["openai"])

# What everybody may POST to besides audio/… and images/….
_MODEL_PATHS = frozenset({"chat/completions", "completions", "embeddings", "moderations", "rerank", "responses"})


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
        shown.data = [model for model in shown.data if model.urlIdx == url_idx and model.owned_by != "ollama"]
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
    """Where a request goes, the model as it is called there, and the body with that name in it.

    A request that names no model goes to the first connection; so does an admin's for one that no list has.
    """
    try:
        given = json.loads(content)
    except ValueError:
        given = None
    named = given.get("model") if isinstance(given, dict) else None
    if not isinstance(named, str):
        return await asyncio.to_thread(_connection, user), "", content
    try:
        chosen = await choose(named, user)
    except NotFound:
        if not user.is_admin:
            raise
        return await asyncio.to_thread(_connection, user), named, content
    model = chosen.model.upstream_id
    return chosen.connection, model, json.dumps({**given, "model": model}).encode()


async def _pass_on(request: Request, path: str, user: Identity) -> Response:
    connection, model, content = await _target(await request.body(), user)
    if path == "embeddings" and model:
        return await streaming.document(request, provider_for(connection).embed(json.loads(content)))
    return await passing.pass_on(request, path, connection, model, content)
