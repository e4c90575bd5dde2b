"""Completions, both ways: as a task whose answer comes over the socket, and as OpenAI's API."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from fastapi.responses import Response

from functions.inference import streaming
from functions.inference.models import CompletionForm, TaskStarted
from functions.inference.service import LookAhead, start_answer
from shared.errors import Invalid, NotFound
from shared.identity.dependencies import VerifiedUser
from shared.identity.sessions import Identity
from shared.llm import body
from shared.llm.providers import provider_for
from shared.llm.registry import registry

router = APIRouter(tags=["chat"])


@router.post("/api/chat/completions", response_model=TaskStarted)
@router.post("/api/v1/chat/completions", response_model=TaskStarted)
async def complete(request: Request, form: CompletionForm, ahead: LookAhead, user: VerifiedUser) -> Any:
    """With session_id, chat_id and id: starts a task. Otherwise OpenAI's chat completion, JSON or events."""
    if form.is_task:
        return await start_answer(form, user, ahead)
    return await answer_directly(request, form, user)


@router.post("/api/chat/completed")
async def completed(form: Annotated[dict[str, Any], Body()], user: VerifiedUser) -> dict[str, Any]:
    """What is to be changed of an answer after its end: nothing, while there are no filters."""
    return form


@router.post("/api/chat/actions/{action_id}")
async def act(action_id: str, form: Annotated[dict[str, Any], Body()], user: VerifiedUser) -> dict[str, Any]:
    """Actions are functions that an admin adds; there are none yet."""
    raise NotFound(f"There is no action {action_id}.")


async def answer_directly(request: Request, form: CompletionForm, user: Identity) -> Response:
    """OpenAI's chat completion; the body passes through unchanged, but for fields that are ours."""
    given = form.body()
    if (given.get("model_item") or {}).get("direct"):
        raise Invalid("Connections of your own that only your browser knows are not supported. Ask an admin to add it.")
    if not form.messages:
        raise Invalid("messages: give at least one message.")
    connection, model = await registry.route(form.model, user)
    provider, upstream = provider_for(connection), body.upstream(given, model.upstream_id)
    if form.stream:
        return await streaming.events(request, provider.stream(upstream))
    return await streaming.document(request, provider.complete(upstream))
