"""Ollama's API for people: what there is, and answers by models that they may use."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from functions.inference import ollama_service as service
from functions.inference import streaming
from functions.inference.ollama_forms import (
    ChatForm,
    EmbeddingsForm,
    EmbedForm,
    GenerateForm,
    NamedModel,
    OllamaModels,
    OllamaStatus,
    OllamaVersion,
)
from shared.errors import NotFound
from shared.identity.dependencies import AdminUser, VerifiedUser
from shared.identity.sessions import Identity
from shared.llm.catalog import catalog
from shared.llm.errors import unreachable
from shared.llm.http import host_of
from shared.llm.provider import Json
from shared.llm.registry import prefixed

router = APIRouter(prefix="/ollama", tags=["ollama"])


@router.head("/")
@router.get("/")
def get_status() -> OllamaStatus:
    """That Ollama's API is here."""
    return OllamaStatus()


@router.get("/api/version")
@router.get("/api/version/{url_idx}")
async def get_version(url_idx: int | None = None) -> OllamaVersion:
    """The version of one server, or the lowest of all."""
    if url_idx is not None:
        asked = await service.server(url_idx)
        answer = await service.quickly(asked.connection, "GET", "/api/version")
        return OllamaVersion(version=str(answer.get("version", "")))
    answers = [str(answer.get("version", "")) for _, answer in await service.everywhere("GET", "/api/version")]
    if answers:
        return OllamaVersion(version=min(answers, key=_numbers))
    if servers := service.servers():
        raise unreachable(host_of(servers[0].connection.url))
    return OllamaVersion(version=False)


@router.get("/api/tags")
@router.get("/api/tags/{url_idx}")
async def get_models(user: VerifiedUser, url_idx: int | None = None) -> OllamaModels:
    """The models of all servers, or what one lists now; of both what the caller may use."""
    allowed = service.shown(await catalog(), user)
    if url_idx is None:
        return OllamaModels(models=allowed)
    asked = await service.server(url_idx)
    if not user.is_admin and not any(url_idx in entry["urls"] for entry in allowed):
        raise NotFound("There is no such server of Ollama.")
    names = {entry["model"] for entry in allowed}
    answer = await service.quickly(asked.connection, "GET", "/api/tags")
    models = answer.get("models") or []
    visible = [each for each in models if prefixed(asked.connection, str(each.get("model"))) in names]
    return OllamaModels(models=models if user.is_admin else visible)


@router.get("/api/ps")
async def get_loaded_models(user: AdminUser) -> OllamaModels:
    """The models that are in the memory of a server now."""
    return OllamaModels(models=await service.merged("/api/ps"))


@router.post("/api/show")
async def show(form: NamedModel, user: VerifiedUser) -> dict[str, Any]:
    """What a server says about a model."""
    target = await service.target(form.named, user, None)
    body = {**form.model_dump(exclude_unset=True, exclude={"name"}), "model": target.model}
    return await service.ask(target.connections, "/api/show", body)


@router.post("/api/embed")
@router.post("/api/embed/{url_idx}")
async def embed(form: EmbedForm, user: VerifiedUser, url_idx: int | None = None) -> dict[str, Any]:
    """Embeddings of one text or several."""
    return await _ask("/api/embed", form.model_dump(exclude_unset=True), user, url_idx)


@router.post("/api/embeddings")
@router.post("/api/embeddings/{url_idx}")
async def embed_one(form: EmbeddingsForm, user: VerifiedUser, url_idx: int | None = None) -> dict[str, Any]:
    """The embedding of a text, as older clients ask."""
    return await _ask("/api/embeddings", form.model_dump(exclude_unset=True), user, url_idx)


@router.post("/api/generate", response_model=None)
@router.post("/api/generate/{url_idx}", response_model=None)
async def generate(request: Request, form: GenerateForm, user: VerifiedUser, url_idx: int | None = None) -> Response:
    """A text that goes on from a prompt; lines of JSON unless `stream` is false."""
    target = await service.target(form.model, user, url_idx)
    body = target.with_parameters(form.model_dump(exclude_unset=True))
    if (system := target.choice.params.get("system")) and not body.get("system"):
        body["system"] = system
    return await _answer(request, target, "/api/generate", form.model, body)


@router.post("/api/chat", response_model=None)
@router.post("/api/chat/{url_idx}", response_model=None)
async def chat(
    request: Request, form: ChatForm, user: VerifiedUser, url_idx: int | None = None, bypass_filter: bool = False
) -> Response:
    """The next message of a conversation; lines of JSON unless `stream` is false. `bypass_filter` has no effect."""
    target = await service.target(form.model, user, url_idx)
    body = target.with_parameters(form.model_dump(exclude_unset=True))
    system = target.choice.params.get("system")
    if system and not any(message.get("role") == "system" for message in form.messages):
        body["messages"] = [{"role": "system", "content": system}, *form.messages]
    return await _answer(request, target, "/api/chat", form.model, body)


async def _answer(request: Request, target: service.Target, path: str, name: str, body: Json) -> Response:
    if body.get("stream") is False:
        return await streaming.document(request, _whole(target, path, name, body))
    return await streaming.lines(request, service.called(service.talk(target.connections, path, body), name))


async def _whole(target: service.Target, path: str, name: str, body: Json) -> Json:
    return {**await service.ask(target.connections, path, body), "model": name}


async def _ask(path: str, form: Json, user: Identity, url_idx: int | None) -> Json:
    target = await service.target(form["model"], user, url_idx)
    answer = await service.ask(target.connections, path, target.with_parameters(form))
    return {**answer, "model": form["model"]} if "model" in answer else answer


def _numbers(version: str) -> list[int]:
    """The parts of a version such as v0.12.3-rc1 that order it."""
    return [int(part) for part in version.removeprefix("v").partition("-")[0].split(".") if part.isdecimal()]
