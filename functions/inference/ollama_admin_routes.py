"""Ollama's API for admins: connections to servers, and which models they have."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Request, UploadFile
from fastapi.responses import Response

from functions.inference import ollama_files, ollama_following, streaming
from functions.inference import ollama_service as service
from functions.inference.models import Open
from functions.inference.ollama_forms import (
    CopyForm,
    CreateForm,
    NamedModel,
    OllamaStatus,
    OllamaVerifyForm,
    OllamaVersion,
    PushForm,
    UrlForm,
)
from functions.inference.ollama_service import Held
from shared import pulls
from shared.errors import NotFound
from shared.identity.dependencies import AdminUser
from shared.identity.sessions import Identity
from shared.llm import connections
from shared.llm.connections import ConnectionsSection, OllamaForm
from shared.llm.errors import ProviderError, Trouble
from shared.llm.provider import Json
from shared.llm.providers import ollama
from shared.llm.registry import registry
from shared.pulls import Wish
from shared.sections import load

router = APIRouter(prefix="/ollama", tags=["ollama"])


@router.get("/config")
def get_config(user: AdminUser) -> OllamaForm:
    """The servers, with keys masked."""
    return connections.shown_ollama(load(ConnectionsSection, fresh=True))


@router.post("/config/update")
def update_config(form: OllamaForm, user: AdminUser) -> OllamaForm:
    """Replaces the servers. A masked key that comes back stands for the stored one of the same address."""
    return connections.shown_ollama(connections.update_ollama(form))


@router.post("/verify")
async def verify(form: OllamaVerifyForm, user: AdminUser) -> OllamaVersion:
    """Tries a server out: its version, or why there is none."""
    answer = await service.quickly(connections.ollama_with_secrets(form.url, form.key or ""), "GET", "/api/version")
    if not isinstance(answer.get("version"), str):
        raise ProviderError(Trouble.OTHER, f"{form.url} does not answer as Ollama does. Check the address.")
    return OllamaVersion(version=answer["version"])


@router.post("/api/pull", response_model=None)
@router.post("/api/pull/{url_idx}", response_model=None)
async def pull(request: Request, form: NamedModel, user: AdminUser, url_idx: int = 0) -> Response:
    """Has a server load a model in the background, and follows; asked again, it follows what runs already."""
    held = await service.holder(form.named, url_idx)
    return await _follow(request, user, form, held, Wish("pull", _insecure(form)))


@router.post("/api/push", response_model=None)
@router.delete("/api/push", response_model=None)
@router.post("/api/push/{url_idx}", response_model=None)
@router.delete("/api/push/{url_idx}", response_model=None)
async def push(request: Request, form: PushForm, user: AdminUser, url_idx: int | None = None) -> Response:
    """Has a server push a model to a registry, as `pull` does. Ollama's clients POST; in the contract it is DELETE."""
    held = await service.holder(form.model, url_idx)
    return await _follow(request, user, form, held, Wish("push", _insecure(form)))


@router.post("/api/create", response_model=None)
@router.post("/api/create/{url_idx}", response_model=None)
async def create(request: Request, form: CreateForm, user: AdminUser, url_idx: int = 0) -> Response:
    """Has a server make a model, as `pull` does."""
    held = await service.holder(form.model or "", url_idx)
    recipe = form.model_dump(exclude_unset=True, exclude={"model", "stream"})
    return await _follow(request, user, form, held, Wish("create", request=held.server.recipe(recipe)))


@router.post("/api/copy")
@router.post("/api/copy/{url_idx}")
async def copy(form: CopyForm, user: AdminUser, url_idx: int | None = None) -> bool:
    """Gives a model a second name."""
    held = await service.holder(form.source, url_idx)
    names = {"source": held.model, "destination": held.server.own_name(form.destination)}
    await ollama(held.connection).call("POST", "/api/copy", names)
    await registry.listing(refresh=True)
    return True


@router.delete("/api/delete")
@router.delete("/api/delete/{url_idx}")
async def delete(form: NamedModel, user: AdminUser, url_idx: int | None = None) -> bool:
    """Deletes a model from a server, or from the first that has it."""
    held = await service.holder(form.named, url_idx)
    await ollama(held.connection).call("DELETE", "/api/delete", {"model": held.model})
    await registry.listing(refresh=True)
    return True


@router.post("/api/unload")
async def unload(form: NamedModel, user: AdminUser) -> OllamaStatus:
    """Takes a model out of the memory of all servers that have it."""
    for held in await service.holders(form.named):
        body: Json = {"model": held.model, "keep_alive": 0, "prompt": "", "stream": False}
        await ollama(held.connection).call("POST", "/api/generate", body)
    return OllamaStatus()


@router.head("/api/blobs/{digest}")
async def has_blob(digest: Annotated[str, Path()], user: AdminUser, url_idx: int = 0) -> Response:
    """Whether a server has a blob: 200 or 404."""
    if not await ollama_files.has_blob((await service.server(url_idx)).connection, digest):
        raise NotFound("The server does not have this blob.")
    return Response()


@router.post("/api/blobs/{digest}", status_code=201)
async def send_blob(request: Request, digest: Annotated[str, Path()], user: AdminUser, url_idx: int = 0) -> None:
    """Gives a server a blob, whose digest must be right."""
    await ollama_files.send_blob((await service.server(url_idx)).connection, digest, request.stream())


@router.post("/models/download", response_model=None)
@router.post("/models/download/{url_idx}", response_model=None)
async def download(request: Request, form: UrlForm, user: AdminUser, url_idx: int | None = None) -> Response:
    """Takes a file from Hugging Face or GitHub to a server; events with the progress, and the blob's digest."""
    ollama_files.file_name(form.url)
    held = await service.server(url_idx or 0)
    return await streaming.stream(request, ollama_files.download(held.connection, form.url), streaming.PROGRESS)


@router.post("/models/upload", response_model=None)
@router.post("/models/upload/{url_idx}", response_model=None)
async def upload(request: Request, file: UploadFile, user: AdminUser, url_idx: int | None = None) -> Response:
    """Gives a server a file of a model and makes a model of it; events with the progress."""
    held = await service.server(url_idx or 0)
    work = service.then_listed(ollama_files.upload(held.connection, file))
    return await streaming.stream(request, work, streaming.PROGRESS)


def _insecure(form: Open) -> bool:
    return form.model_dump().get("insecure") is True


async def _follow(request: Request, user: Identity, form: Open, held: Held, wish: Wish) -> Response:
    """The progress of something that runs in the background; one answer at its end when `stream` is false."""
    work = await asyncio.to_thread(pulls.start, held.connection.url, held.model, user.id, wish)
    lines = service.then_listed(ollama_following.lines(work))
    if form.model_dump().get("stream") is not False:
        return await streaming.lines(request, lines)
    return await streaming.document(request, ollama_following.last(lines))
