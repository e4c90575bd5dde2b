"""What is made of an answer after its end: the chat's title and tags, and what the person may ask next."""

import asyncio
from collections.abc import Callable
from typing import Any

from functions.generate.prompt import Prompt
from shared.answers import AnswerRequest
from shared.chats import store, tags
from shared.errors import NotFound
from shared.llm.errors import ProviderError
from shared.llm.provider import Json
from shared.logs import logger
from shared.sections import load
from shared.storage.errors import TRANSIENT
from shared.tasks import doing, reading
from shared.tasks.section import Kind, TasksSection

# The contract's names of `background_tasks`.
_KINDS: dict[Kind, str] = {
    "title": "title_generation",
    "tags": "tags_generation",
    "follow_up": "follow_up_generation",
}

_FAILURES = (ProviderError, NotFound, LookupError, TypeError, AttributeError, *TRANSIENT)


def wanted(request: AnswerRequest, prompt: Prompt) -> list[Kind]:
    """The tasks a client asked for: title and tags after the first answer of a stored chat, follow-ups after each."""
    asked = request.body.get("background_tasks") or {}
    first = prompt.first_question is not None and not request.temporary
    return [kind for kind, name in _KINDS.items() if asked.get(name) and (first or kind == "follow_up")]


async def carry_out(
    kinds: list[Kind], request: AnswerRequest, prompt: Prompt, messages: list[Json], tell: Callable[[str, Any], None]
) -> None:
    """Does the tasks side by side, stores what comes of each and tells it.

    One that fails leaves nothing; a chat that gets no title by the model is called by the first words of its question.
    """
    section = await asyncio.to_thread(load, TasksSection)

    async def made(kind: Kind) -> Any:
        if not section.enabled(kind):
            return None
        try:
            text = await doing.said(
                kind, section, messages, request.connection, request.upstream_model, request.variables
            )
            return reading.read(kind, text)
        except _FAILURES as error:
            _warn(kind, error)
            return None

    async def do(kind: Kind) -> None:
        result = await made(kind)
        if result is None and kind == "title":
            result = reading.beginning(prompt.first_question or "")
        if result is None:
            return
        try:
            await _keep(kind, result, request, tell)
        except _FAILURES as error:
            _warn(kind, error)

    await asyncio.gather(*(do(kind) for kind in kinds))


def _warn(kind: Kind, error: BaseException) -> None:
    logger().warning("task failed", extra={"task": kind, "code": type(error).__name__})


async def _keep(kind: Kind, result: Any, request: AnswerRequest, tell: Callable[[str, Any], None]) -> None:
    if kind == "title":
        await asyncio.to_thread(store.set_title, request.chat_id, result)
        tell("chat:title", result)
    elif kind == "tags":
        await asyncio.to_thread(tags.replace, request.chat_id, result)
        tell("chat:tags", result)
    else:
        if not request.temporary:
            message = {"id": request.message_id, "followUps": result}
            await asyncio.to_thread(store.save_message, request.chat_id, message)
        tell("chat:message:follow_ups", {"follow_ups": result})
