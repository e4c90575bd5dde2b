"""Completions, both ways: as a task whose answer comes over the socket, and as OpenAI's API."""

from collections.abc import AsyncGenerator, Awaitable
from contextlib import aclosing
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
from shared.llm.catalog import catalog, choose
from shared.llm.provider import Chunk, Json
from shared.llm.providers import provider_for
from shared.llm.registry import KEPT_SECONDS
from shared.prompting import combined, variables_of, with_system

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
    known = await catalog(seconds=KEPT_SECONDS)
    chosen = await choose(form.model, user, known)
    settings = combined([known.generation.level(), chosen.params], [form.params or {}])
    messages = with_system(form.messages, settings, variables_of(user.user, form.variables))
    given = {**given, "messages": messages}
    upstream = body.upstream(given, chosen.model.upstream_id, settings.params, open_model=chosen.open_model)
    provider = provider_for(chosen.connection)
    if form.stream:
        return await streaming.events(request, _named(provider.stream(upstream), chosen.selected))
    return await streaming.document(request, _completed(provider.complete(upstream), chosen.selected))


async def _named(chunks: AsyncGenerator[Chunk], selected: str | None) -> AsyncGenerator[Chunk]:
    """The chunks; the first one says whom an arena has drawn."""
    async with aclosing(chunks):
        async for chunk in chunks:
            yield Chunk({**chunk.raw, "selected_model_id": selected}) if selected else chunk
            selected = None


async def _completed(completion: Awaitable[Json], selected: str | None) -> Json:
    """The completion; it says whom an arena has drawn."""
    whole = await completion
    return {**whole, "selected_model_id": selected} if selected else whole
