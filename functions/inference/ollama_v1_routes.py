"""The OpenAI-compatible part of Ollama's API, for the models of Ollama."""

import time

from fastapi import APIRouter, Request
from fastapi.responses import Response

from functions.inference import ollama_service as service
from functions.inference.direct import answer_directly
from functions.inference.models import CompletionForm
from functions.inference.ollama_forms import CompleteForm, OpenAIModels
from functions.inference.openai_bodies import of_json
from functions.inference.passing import pass_on
from shared.identity.dependencies import VerifiedUser
from shared.llm.catalog import catalog
from shared.llm.provider import Json

router = APIRouter(prefix="/ollama/v1", tags=["ollama"])


@router.get("/models")
@router.get("/models/{url_idx}")
async def get_models(user: VerifiedUser, url_idx: int | None = None) -> OpenAIModels:
    """The models of all servers, or of one, that the caller may use."""
    if url_idx is not None:
        await service.server(url_idx)
    entries = service.shown(await catalog(), user)
    made = int(time.time())
    ids = [entry["model"] for entry in entries if url_idx is None or url_idx in entry["urls"]]
    return OpenAIModels(data=[{"id": id_, "object": "model", "created": made, "owned_by": "openai"} for id_ in ids])


@router.post("/chat/completions", response_model=None)
@router.post("/chat/completions/{url_idx}", response_model=None)
async def complete_chat(
    request: Request, form: CompletionForm, user: VerifiedUser, url_idx: int | None = None
) -> Response:
    """OpenAI's chat completion; of one server, if named, as that server does it."""
    target = await service.target(form.model, user, url_idx)
    if url_idx is None:
        return await answer_directly(request, form, user)
    return await _pass_on(request, "chat/completions", target, form.body())


@router.post("/completions", response_model=None)
@router.post("/completions/{url_idx}", response_model=None)
async def complete(request: Request, form: CompleteForm, user: VerifiedUser, url_idx: int | None = None) -> Response:
    """OpenAI's legacy completion."""
    target = await service.target(form.model, user, url_idx)
    return await _pass_on(request, "completions", target, form.model_dump(exclude_unset=True))


async def _pass_on(request: Request, path: str, target: service.Target, body: Json) -> Response:
    body.pop("metadata", None)
    return await pass_on(request, path, target.connections[0], target.model, of_json(body).of(target.model))
