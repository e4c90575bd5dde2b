"""Routes of /api/v1/prompts."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from functions.workspace import prompts
from functions.workspace.models import PromptForm, PromptModel, PromptUserResponse
from shared import delivery
from shared.identity.dependencies import VerifiedUser

router = APIRouter(prefix="/api/v1/prompts", tags=["prompts"], dependencies=[Depends(delivery.within_limit)])

Command = Annotated[str, Path(max_length=100, description="The prompt's command, without the slash.")]


@router.get("/", response_model=list[PromptModel], responses=delivery.REDIRECT)
def list_prompts(request: Request, user: VerifiedUser) -> Response:
    """The prompts that the caller may use, last changed first."""
    return delivery.body(request, [one.model_dump(mode="json") for one in prompts.usable(user)])


@router.get("/list", response_model=list[PromptUserResponse], responses=delivery.REDIRECT)
def list_changeable_prompts(request: Request, user: VerifiedUser) -> Response:
    """The prompts that the caller may change, with their owners."""
    return delivery.body(request, [one.model_dump(mode="json") for one in prompts.changeable(user)])


@router.post("/create")
def create_prompt(form: PromptForm, user: VerifiedUser) -> PromptModel | None:
    """Stores a prompt; its command is the only one of that name."""
    return prompts.create(user, form)


@router.get("/command/{command}")
def get_prompt(command: Command, user: VerifiedUser) -> PromptModel | None:
    """A prompt."""
    return prompts.get(user, command)


@router.post("/command/{command}/update")
def update_prompt(command: Command, form: PromptForm, user: VerifiedUser) -> PromptModel | None:
    """Replaces a prompt; another command in the form renames it."""
    return prompts.update(user, command, form)


@router.delete("/command/{command}/delete")
def delete_prompt(command: Command, user: VerifiedUser) -> bool:
    """Deletes a prompt."""
    return prompts.delete(user, command)
