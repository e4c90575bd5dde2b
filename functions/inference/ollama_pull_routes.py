"""Pulls, pushes and the making of models in the background: hours long, seen from any tab, ended by hand.

Ours, beside the contract, whose own routes follow what runs here.
"""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from functions.inference import ollama_service as service
from functions.inference.ollama_forms import PullForm
from shared import pulls
from shared.errors import Invalid
from shared.identity.dependencies import AdminUser
from shared.pulls import Kind, Wish

router = APIRouter(prefix="/ollama/pulls", tags=["cirrus"])
PullId = Annotated[str, Path()]

NO_NAMESPACE = "A registry knows models by a namespace: call it namespace/model, and push that."


class PullProgress(BaseModel):
    """A model on its way to a server, or from it to a registry.

    The person who asked for it also gets this as the socket's `ollama:pull`.
    """

    id: str
    kind: Kind = Field(description="Whether the server fetches it, pushes it to a registry, or makes it.")
    url: str = Field(description="The server's address.")
    model: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    status: str = Field(description="What the server says it does.")
    completed: int = Field(description="Bytes there already; `total` grows as the server learns what there is.")
    total: int
    error: str | None = None
    created_at: int
    updated_at: int


class PullList(BaseModel):
    """The pulls under way and those that ended in the last day, newest first."""

    pulls: list[PullProgress]


@router.post("")
async def start_pull(form: PullForm, user: AdminUser) -> PullProgress:
    """Has a server load, push or make a model; what is under way already is answered as it is."""
    server = await service.server(form.url_idx)
    model = server.own_name(form.model.strip())
    if form.kind == "push" and "/" not in model:
        raise Invalid(NO_NAMESPACE)
    wish = Wish(form.kind, form.insecure, request=server.recipe(form.recipe))
    return shown(await asyncio.to_thread(pulls.start, server.connection.url, model, user.id, wish))


@router.get("")
def list_pulls(user: AdminUser) -> PullList:
    """All pulls."""
    return PullList(pulls=[shown(pull) for pull in pulls.all_pulls()])


@router.get("/{pull_id}")
def get_pull(pull_id: PullId, user: AdminUser) -> PullProgress:
    """How far a pull is."""
    return shown(pulls.get(pull_id))


@router.delete("/{pull_id}")
def cancel_pull(pull_id: PullId, user: AdminUser) -> PullProgress:
    """Cancels a pull, which leaves on the server what it has so far; takes an ended one off the list."""
    return shown(pulls.cancel(pull_id))


def shown(pull: pulls.Pull) -> PullProgress:
    """A pull as clients see it."""
    return PullProgress.model_validate(pull, from_attributes=True)
