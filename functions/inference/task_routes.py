"""Tasks: answers under way."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path

from functions.inference.models import ChatTasks, Stopped, TaskList
from shared import runs
from shared.identity.dependencies import VerifiedUser

router = APIRouter(prefix="/api/tasks", tags=["tasks"])


@router.get("")
def list_tasks(user: VerifiedUser) -> TaskList:
    """The caller's answers under way."""
    return TaskList(tasks=runs.active_tasks(user.id))


@router.get("/chat/{chat_id}")
def list_chat_tasks(chat_id: Annotated[str, Path(max_length=runs.LONGEST_ID)], user: VerifiedUser) -> ChatTasks:
    """The answers under way in a chat of the caller; none in anybody else's."""
    return ChatTasks(task_ids=[run.task_id for run in runs.active_runs(chat_id) if run.user_id == user.id])


@router.post("/stop/{task_id}")
async def stop_task(task_id: str, user: VerifiedUser) -> Stopped:
    """Stops an answer of the caller at its next flush, also one that has not begun; what it has so far is kept."""
    await asyncio.to_thread(runs.request_stop, task_id, user.id)
    return Stopped(message=f"Task {task_id} is being stopped.")
