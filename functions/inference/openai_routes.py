"""Connections to providers (admin), and OpenAI's API as it is behind them."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from functions.inference import model_routes, openai_bodies, passing, streaming
from functions.inference.direct import answer_directly
from functions.inference.models import CompletionForm, ModelList, UpstreamModels, VerifyForm
from functions.inference.openai_bodies import Body
from shared.errors import Invalid, NotFound
from shared.identity.dependencies import AdminUser, VerifiedUser
from shared.identity.sessions import Identity
from shared.llm import connections
from shared.llm.catalog import Catalog, catalog, choose
from shared.llm.connections import Connection, ConnectionsForm, ConnectionsSection
from shared.llm.providers import provider_for
from shared.llm.registry import models_of, prefixed, verified
from shared.sections import load

router = APIRouter(prefix="/openai", tags=["openai"])

# What everybody may POST to besides audio/… and images/….
_MODEL_PATHS = frozenset({"chat/completions", "completions", "embeddings", "moderations", "rerank", "responses"})
# Providers have one model for these when none is named.
_WITHOUT_MODEL = ("moderations",)


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
    known = await catalog()
    shown, allowed = model_routes.shown(known.listing, user), await _allowed(known, user)
    shown.data = [model for model in shown.data if model.id in allowed]
    if url_idx is not None:
        shown.data = [model for model in shown.data if model.urlIdx == url_idx and model.owned_by != "ollama"]
    return shown


@router.get("/models/{url_idx}")
async def get_connection_models(url_idx: Annotated[int, Path(ge=0)], user: VerifiedUser) -> UpstreamModels:
    """What one provider lists, asked for now: of it what the caller may use."""
    connection = await asyncio.to_thread(_connection, user, url_idx)
    listed = await models_of(connection)
    if not user.is_admin:
        allowed = await _allowed(await catalog(), user)
        listed = [model for model in listed if prefixed(connection, model.id) in allowed]
    return UpstreamModels(data=[model.raw for model in listed])


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
    if user.is_admin or (request.method == "POST" and _uses_a_model(path)):
        return await _pass_on(request, path, user)
    if request.method == "GET" and path.startswith("models/"):
        chosen = await choose(path.removeprefix("models/"), user)
        named = f"models/{chosen.model.upstream_id}"
        return await passing.pass_on(request, named, chosen.connection, "", Body())
    raise NotFound("This path is not passed on to the provider for you. An admin can call it.")


for _method in ("GET", "POST", "PUT", "DELETE"):
    router.add_api_route(
        "/{path:path}", pass_on, methods=[_method], response_model=None, operation_id=f"pass_on_{_method.lower()}"
    )


def _uses_a_model(path: str) -> bool:
    return path in _MODEL_PATHS or path.startswith(("audio/", "images/"))


async def _allowed(known: Catalog, user: Identity) -> set[str]:
    """The ids of the models that a person may use."""
    return {entry["id"] for entry in await asyncio.to_thread(known.shown, user)}


def _connection(user: Identity, index: int | None = None) -> Connection:
    """A connection this person may use: the one at an index, or the first that speaks OpenAI's API."""
    section = load(ConnectionsSection)
    for number, connection in enumerate(section.connections):
        wanted = number == index if index is not None else connection.kind in ("openai", "azure")
        if wanted and section.is_on(number) and connection.visible_to(user):
            return connection
    raise NotFound("There is no such connection. An admin can add one under Connections.")


async def _target(path: str, body: Body, user: Identity) -> tuple[Connection, str, Body]:
    """Where a request goes, the model as it is called there, and the body with that name in it.

    An admin's request that names no model goes to the first connection; so does one for a model that no list has.
    """
    named = body.model
    if named is None:
        if not user.is_admin and not (path in _WITHOUT_MODEL and body.without_model):
            raise Invalid("model: name one model, in an object of JSON or in a form.")
        return await asyncio.to_thread(_connection, user), "", body
    try:
        chosen = await choose(named, user)
    except NotFound:
        if not user.is_admin:
            raise
        return await asyncio.to_thread(_connection, user), named, body
    model = chosen.model.upstream_id
    return chosen.connection, model, body.of(model)


async def _pass_on(request: Request, path: str, user: Identity) -> Response:
    if not user.is_admin and any(name.casefold() == "model" for name in request.query_params):
        raise Invalid("Name the model in the body, not in the address.")
    connection, model, body = await _target(path, await openai_bodies.read(request), user)
    if path == "embeddings" and model and body.given is not None:
        return await streaming.document(request, provider_for(connection).embed(body.given))
    return await passing.pass_on(request, path, connection, model, body)
