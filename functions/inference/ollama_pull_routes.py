"""Pulls in the background: hours long, seen from any tab, ended by hand. Ours, beside the contract."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from functions.inference import ollama_service as service
from functions.inference.ollama_forms import PullForm
from shared import pulls
from shared.identity.dependencies import AdminUser

router = APIRouter(prefix="/ollama/pulls", tags=["cirrus"])
PullId = Annotated[str, Path()]


class PullProgress(BaseModel):
    """A model on its way to a server. The person who asked for it also gets this as the socket's `ollama:pull`."""

    id: str
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
    """Has a server load a model; one that is under way already is answered as it is."""
    server = await service.server(form.url_idx)
    model = server.own_name(form.model.strip())
    pull = await asyncio.to_thread(pulls.start, server.connection.url, model, user.id, insecure=form.insecure)
    return shown(pull)


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
