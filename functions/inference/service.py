"""Starting an answer that comes over the socket."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from fastapi import Depends, Request

from functions.inference.attached import check_count, most_files
from functions.inference.models import CompletionForm, TaskStarted
from shared import answers, people, runs
from shared.answers import AnswerRequest
from shared.chats import store
from shared.chats.models import ChatHead, valid_id
from shared.errors import Conflict, Invalid, NotFound, Upstream
from shared.identity.access import Reader
from shared.identity.sessions import Identity
from shared.llm.catalog import Catalog, catalog, choose
from shared.llm.registry import KEPT_SECONDS
from shared.logs import logger
from shared.prompting import params_in, variables_of
from shared.runs import Run

T = TypeVar("T")

MOST_TAKEN = 20
"""Attempts at a message that copies of its chat may have made before."""
NO_CHAT = "This chat does not exist. It may have been deleted."


@dataclass(frozen=True)
class Ahead:
    """What a request will need, asked for while it is still being found out who sent it."""

    catalog: "asyncio.Task[Catalog]"
    most_files: "asyncio.Task[int | None]"
    head: "asyncio.Task[ChatHead] | None" = None
    latest: "asyncio.Task[int] | None" = None


async def look_ahead(request: Request) -> Ahead:
    """Starts the look-ups that do not depend on the person. Their results are used only once the person is known."""
    body = await _given(request)
    chat_id, message_id = body.get("chat_id"), body.get("id")
    known, most = _started(catalog(seconds=KEPT_SECONDS)), _started(asyncio.to_thread(most_files))
    if not (body.get("session_id") and isinstance(chat_id, str) and chat_id and isinstance(message_id, str)):
        return Ahead(known, most)
    numbered = "attempt" in body or not _continues(body)
    return Ahead(
        known,
        most,
        head=None if runs.is_temporary(chat_id) else _started(asyncio.to_thread(store.head, chat_id)),
        latest=None if numbered else _started(asyncio.to_thread(runs.latest_attempt, message_id, chat_id)),
    )


LookAhead = Annotated[Ahead, Depends(look_ahead)]


async def start_answer(form: CompletionForm, user: Identity, ahead: Ahead) -> TaskStarted:
    """Records the run, hands it to the worker and has it watched; raises `NotFound` or `Invalid`.

    The same message and attempt give the same task, which runs once; of two copies of a chat, the later one gets the
    next number.
    """
    chat_id, message_id, body, head = valid_id(form.chat_id), valid_id(form.id), form.body(), None
    if ahead.head is not None:
        head = await ahead.head
        if head.user_id != user.id:
            raise NotFound(NO_CHAT)
    elif not form.messages:
        raise Invalid("A temporary chat is not stored, so its messages must come with the request.")
    await check_count(form, await ahead.most_files, stored=head is not None)
    known = await ahead.catalog
    chosen = await choose(form.model, user, known)
    owner = await asyncio.to_thread(people.reader, chosen.owner_id) if chosen.knowledge else None
    attempt = form.attempt or (await ahead.latest + 1 if ahead.latest else 1)
    request = AnswerRequest(
        user_id=user.id,
        chat_id=chat_id,
        message_id=message_id,
        attempt=attempt,
        model=chosen.id,
        upstream_model=chosen.model.upstream_id,
        connection=chosen.connection,
        body={key: value for key, value in body.items() if key not in ("session_id", "chat_id", "id", "model")},
        levels=[known.generation.level(), chosen.params],
        open_model=chosen.open_model,
        sees=chosen.sees,
        context_length=chosen.context_length(known.generation.context_length),
        summarise=known.generation.summarise_long_conversations,
        selected_model=chosen.selected,
        reader=Reader(user.id, user.is_admin, user.group_ids),
        knowledge=chosen.knowledge,
        owner=owner,
        folder_id=head.folder_id if head else None,
        chat_params=params_in(head.fields) if head else {},
        chat_fields_key=head.fields_key if head else None,
        variables=variables_of(user.user, form.variables),
    )
    for number in range(attempt, attempt + MOST_TAKEN):
        if number < 10**runs.ATTEMPT_DIGITS and (task := await _start(request.model_copy(update={"attempt": number}))):
            return TaskStarted(task_id=task)
    raise Conflict("This message is being answered in other chats with the same messages. Ask again, below it.")


async def _start(request: AnswerRequest) -> str | None:
    """The id of the task that was started; None when a copy of the chat has an attempt of this number."""
    run = request.run
    try:
        _, free, _, _ = await asyncio.gather(
            # First in line: the model waits for nothing else.
            asyncio.to_thread(answers.dispatch, request),
            asyncio.to_thread(runs.announce, run),
            asyncio.to_thread(runs.list_task, run),
            asyncio.to_thread(runs.watch, run.task_id),
        )
    except (BotoCoreError, ClientError) as error:
        logger().exception("answer not started", extra={"task_id": run.task_id})
        await asyncio.to_thread(_withdraw, run)
        raise Upstream("The answer could not be started: the server is overloaded. Try again in a moment.") from error
    return run.task_id if free else None


async def _given(request: Request) -> dict[str, Any]:
    """The body; empty where it is none, which whoever sent it is told when it is their turn."""
    try:
        body = await request.json()
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _withdraw(run: Run) -> None:
    known = runs.get(run.task_id)
    if known is not None and known.state == "queued" and known.chat_id == run.chat_id:
        runs.take_over(known)


def _continues(body: dict[str, Any]) -> bool:
    messages = body.get("messages")
    last = messages[-1] if isinstance(messages, list) and messages else None
    return isinstance(last, dict) and last.get("role") == "assistant"


def _started(work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
    task = asyncio.create_task(work)
    # Nobody asks for its result when the person turns out not to be allowed.
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return task
