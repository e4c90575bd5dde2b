"""Completions, both ways: as a task whose answer comes over the socket, and as OpenAI's API."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Request

from functions.inference.direct import answer_directly
from functions.inference.models import CompletionForm, TaskStarted
from functions.inference.service import LookAhead, start_answer
from shared.errors import NotFound
from shared.identity.dependencies import VerifiedUser

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
