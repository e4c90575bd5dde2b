"""One answer: lease, prompt, stream, delivery, log, end. Every way it can end is told on screen and in the table."""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from functions.generate import context
from functions.generate.delivery import Delivery, Flush
from functions.generate.prompt import Prompt, compose
from functions.generate.reasoning import ReasoningSplitter, tags_from
from functions.generate.source import chunks_of
from shared import runs
from shared.answers import AnswerRequest
from shared.chats import store
from shared.chats.merge import SERVER
from shared.errors import DomainError, NotFound
from shared.llm.errors import ProviderError, Trouble
from shared.llm.provider import Json
from shared.llm.providers import provider_for
from shared.logs import logger
from shared.realtime.hub import UserChannel
from shared.runs import LostLease, State
from shared.storage.errors import TRANSIENT

T = TypeVar("T")

LOG_SECONDS = 0.5
TASK_SECONDS = 30.0
MARGIN_SECONDS = 20.0
"""What is left of the function's time when an answer is ended: enough to save it and tell."""

TIME_IS_UP = (
    "This answer ran into the time limit of the server and was ended here. Its text is kept: "
    "press Continue to have the model go on from it."
)
NOTHING_SAID = "The model ended without an answer. Try again, or pick another model."
SUMMARISING = "This conversation is longer than the model takes: its beginning is being summarised."
SUMMARISED = "The beginning of this conversation was summarised, since all of it is longer than the model takes."
LEFT_OUT = "The beginning of this conversation was left out, since all of it is longer than the model takes."
UNEXPECTED = "Something went wrong on the server while answering. The text so far is kept; try again."


class Stopped(Exception):
    """Its owner asked to stop the answer."""


class TimeIsUp(Exception):
    """The function's time limit is near."""


@dataclass
class Outcome:
    """How an answer ended; `error` in words a person understands."""

    state: State
    error: str | None = None


class Answer:
    """An answer under way."""

    def __init__(self, request: AnswerRequest, channel: UserChannel, seconds_left: Callable[[], float]) -> None:
        self.request, self.run, self.owner = request, request.run, uuid.uuid4().hex
        self._channel, self._seconds_left = channel, seconds_left
        self._started = time.monotonic()
        self._delivery = Delivery(self._completion)
        self._prompt: Prompt | None = None
        self._usage: Json | None = None
        self._reasoned: float | None = None
        self._begun: asyncio.Task[None] | None = None
        self._unlogged: list[Flush] = []
        self._shown = asyncio.Event()
        self._chat_title: str | None = None
        self._summary: context.Summary | None = None
        self._statuses: list[Json] = []

    async def carry_out(self) -> None:
        """Runs the answer to its end, whatever that is; does nothing when the run is somebody else's, or over."""
        prompt = asyncio.create_task(asyncio.to_thread(compose, self.request))
        # What the provider has to load goes beside the round trips to the tables.
        preparing = asyncio.create_task(provider_for(self.request.connection).prepare())
        leased = await asyncio.to_thread(runs.lease, self.run, self.owner)
        if leased is None:
            prompt.cancel()
            logger().info("answer is under way or over already", extra={"task_id": self.run.task_id})
            return
        self.run = leased
        outcome = await self._outcome(prompt)
        prompt.cancel()
        await asyncio.wait([preparing])
        if outcome is not None:
            await self._end(outcome)

    async def _outcome(self, prompt: "asyncio.Task[Prompt]") -> Outcome | None:
        try:
            await self._race(self._answer(prompt), self._keep())
            return self._finished()
        except Stopped:
            return Outcome("stopped")
        except TimeIsUp:
            return Outcome("failed", TIME_IS_UP)
        except LostLease:
            logger().warning("answer was ended by somebody else", extra={"task_id": self.run.task_id})
            return None
        except DomainError as error:
            return Outcome("failed", error.detail)
        except Exception:  # noqa: BLE001 - whatever it is, the person must be told and the text kept
            logger().exception("answer failed", extra={"task_id": self.run.task_id, "chat_id": self.run.chat_id})
            return Outcome("failed", UNEXPECTED)

    async def _race(self, answer: Awaitable[None], keeper: Awaitable[None]) -> None:
        """Runs both until the first ends, and ends the other; raises what it raised."""
        tasks = [asyncio.ensure_future(answer), asyncio.ensure_future(keeper)]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        for task in done:
            task.result()

    async def _answer(self, composing: "asyncio.Task[Prompt]") -> None:
        if self.run.stop_requested:
            raise Stopped
        self._prompt = prompt = await composing
        self._delivery = Delivery(self._completion, prompt.content, prompt.reasoning)
        self._begun = asyncio.create_task(self._begin())
        if self.request.selected_model:
            self._event("chat:completion", {"selected_model_id": self.request.selected_model})
        room = context.room_for(self.request.context_length, prompt.params) if self.request.context_length else 0
        if self.request.summarise and room and await context.is_too_long(self.request, prompt.body, room):
            await self._shorten(prompt, room)
        try:
            await self._stream(self._prompt)
        except ProviderError as error:
            if (
                error.trouble is not Trouble.CONTEXT
                or self._delivery.first_at is not None
                or not self.request.summarise
            ):
                raise
            # Whatever its limit is, half of it is a good guess.
            sent = context.estimate(self._prompt.body["messages"])
            if not await self._shorten(self._prompt, round(sent / 2 / context.FILLED)):
                raise
            await self._stream(self._prompt)

    async def _stream(self, prompt: Prompt) -> None:
        splitter = ReasoningSplitter(tags_from(prompt.params.get("reasoning_tags")))
        async with aclosing(chunks_of(self.request.connection, prompt)) as chunks:
            async for chunk in chunks:
                self._usage = chunk.usage or self._usage
                if chunk.reasoning or chunk.tool_calls:
                    self._delivery.add(reasoning=chunk.reasoning, tool_calls=chunk.tool_calls)
                for piece in splitter.feed(chunk.content) if chunk.content else ():
                    self._take(piece.kind, piece.text)
        for piece in splitter.close():
            self._take(piece.kind, piece.text)

    async def _shorten(self, prompt: Prompt, room: int) -> bool:
        """Puts a summary in place of the oldest messages, in view of the person; False when none can go."""
        before = prompt.summary
        covers = context.cut(prompt.messages, room, prompt.body.get("tools"))
        if covers <= (before.covers if before else 0):
            return False
        self._status(SUMMARISING, covers, done=False)
        summary = await context.summarise(prompt.messages, covers, before, room, self.request)
        self._prompt = prompt.begun_with(summary)
        self._summary = summary if summary.text else None
        self._status(SUMMARISED if summary.text else LEFT_OUT, covers, done=True)
        return True

    def _status(self, words: str, count: int, *, done: bool) -> None:
        status: Json = {"action": "context_summary", "description": words, "count": count, "done": done}
        self._event("status", status)
        self._statuses = [status]

    def _take(self, kind: str, text: str) -> None:
        if kind == "reasoning":
            self._delivery.add(reasoning=text)
            return
        if self._reasoned is None and self._delivery.reasoning.added:
            self._reasoned = time.monotonic()
        self._delivery.add(content=text)

    async def _begin(self) -> None:
        """Marks the stored message as being written, while the provider is already at work."""
        message: Json = {**self._named(), "run": self.run.reference()}
        if self.run.attempt > 1:
            message |= {"error": None, "done": False}
        try:
            await self._save(message)
        except NotFound as error:
            logger().info("chat deleted while answering", extra={"chat_id": self.run.chat_id})
            raise Stopped from error

    async def _keep(self) -> None:
        """Twice a second: logs what was sent, says that the worker lives, looks for a stop and at the clock."""
        while True:
            await self._pause()
            if self._begun and self._begun.done() and not self._begun.cancelled():
                self._begun.result()
            try:
                _, self.run = await asyncio.gather(self._log(), asyncio.to_thread(runs.heartbeat, self.run, self.owner))
            except TRANSIENT as error:
                logger().warning("heartbeat not written", extra={"code": type(error).__name__})
            if self.run.stop_requested:
                raise Stopped
            if self._seconds_left() < MARGIN_SECONDS:
                raise TimeIsUp

    async def _pause(self) -> None:
        """Half a second; less when the first piece goes out in it: who reloads finds what was shown."""
        if self._shown.is_set():
            await asyncio.sleep(LOG_SECONDS)
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(self._shown.wait(), LOG_SECONDS)

    async def _log(self) -> None:
        if (flush := self._delivery.take_log()) and not self.request.temporary:
            self._unlogged.append(flush)
        # What could not be written stays first in line, under the same number: the log must have no hole and no echo.
        while self._unlogged:
            flush = self._unlogged[0]
            await asyncio.to_thread(runs.append, self.run.task_id, flush.seq, flush.content, flush.reasoning_content)
            self._unlogged.pop(0)

    def _finished(self) -> Outcome:
        # A call of a tool is an answer too: nothing here carries it out, so it is shown and the answer ends with it.
        if self._delivery.content.added or self._delivery.reasoning.added or self._delivery.tool_calls.calls:
            return Outcome("done")
        return Outcome("failed", NOTHING_SAID)

    async def _end(self, outcome: Outcome) -> None:
        """Saves the whole message, ends the run, tells the screen; then what is wanted beside the answer."""
        self._delivery.push()
        if self._begun:
            await asyncio.wait([self._begun])
        try:
            await self._save(self._final(outcome))
            await _thrice(lambda: runs.finish(self.run, self.owner, outcome.state))
        except NotFound:
            await _thrice(lambda: runs.finish(self.run, self.owner, "stopped"))
            return
        except TRANSIENT:
            # The run stays open, so the watchdog saves what the log has as soon as the tables can be written again.
            logger().exception("answer not saved", extra={"task_id": self.run.task_id})
            await self._log()
        self._tell(outcome)
        logger().info("answer", extra=self._facts(outcome))
        if outcome.state == "done":
            await self._tasks()

    def _facts(self, outcome: Outcome) -> Json:
        seconds = round(time.monotonic() - self._started, 3)
        ids = {"task_id": self.run.task_id, "chat_id": self.run.chat_id, "user_id": self.run.user_id}
        return {**ids, "model": self.run.model, "state": outcome.state, "error": outcome.error, "seconds": seconds}

    def _final(self, outcome: Outcome) -> Json:
        delivery = self._delivery
        run = {**self.run.reference(), "state": outcome.state}
        # Without a prompt the text from before is not known here, so what is stored stays.
        if self._prompt is None:
            message = self._named()
        else:
            message = {**self._named(), "content": str(delivery.content)}
            if reasoning := str(delivery.reasoning):
                message |= {"reasoning_content": reasoning, "reasoning_duration": self._reasoning_seconds()}
        if calls := delivery.tool_calls.calls:
            message["tool_calls"] = calls
        if self._summary:
            message["context_summary"] = self._summary.stored()
        if self._statuses:
            message["statusHistory"] = self._statuses
        if self._usage:
            message["usage"] = self._usage
        if delivery.first_at is not None:
            first, total = delivery.first_at - self._started, time.monotonic() - self._started
            message["timing"] = {"first_token": round(first, 3), "total": round(total, 3)}
        if outcome.error:
            message["error"] = {"content": outcome.error}
        return {**message, "done": True, "run": run}

    def _named(self) -> Json:
        """What the stored message says of who answers; the name that an arena drew is shown after the vote."""
        message: Json = {"role": "assistant", "model": self.request.model}
        if self.request.selected_model:
            message |= {"selectedModelId": self.request.selected_model, "arena": True}
        return message

    def _reasoning_seconds(self) -> float:
        first = self._delivery.first_at or self._started
        return round((self._reasoned or time.monotonic()) - first, 1)

    def _tell(self, outcome: Outcome) -> None:
        if outcome.error:
            self._event("chat:message:error", {"error": {"content": outcome.error}})
        if outcome.state == "stopped":
            self._event("chat:tasks:cancel", {})
            return
        delivery = self._delivery
        end: Json = {"done": True, "content": str(delivery.content)}
        if self._usage:
            end["usage"] = self._usage
        if self._chat_title is not None:
            end["title"] = self._chat_title  # clients show it where another chat is open
        if self._prompt is None:
            del end["content"]
        self._completion({**end, "seq": delivery.next_seq(), "offset": delivery.content.sent_length})

    async def _tasks(self) -> None:
        """What was asked for beside the answer, once it has ended."""
        seconds = min(TASK_SECONDS, self._seconds_left() - 5)
        if self._prompt is None or seconds <= 0 or not self.request.body.get("background_tasks"):
            return
        from functions.generate import background

        kinds = background.wanted(self.request, self._prompt)
        messages = [*self._prompt.asked, {"role": "assistant", "content": str(self._delivery.content)}]
        try:
            async with asyncio.timeout(seconds):
                await background.carry_out(kinds, self.request, messages, self._event)
        except (TimeoutError, *TRANSIENT) as error:
            extra = {"chat_id": self.run.chat_id, "code": type(error).__name__}
            logger().warning("tasks not carried out", extra=extra)

    async def _save(self, message: Json) -> None:
        """Merges fields into the stored message; raises `NotFound` when the chat is deleted."""
        if not self.request.temporary:
            whole = {"id": self.request.message_id, **message}
            changed = {self.request.message_id: whole}
            head, _ = await _thrice(lambda: store.save_messages(self.request.chat_id, changed, writer=SERVER))
            self._chat_title = head.title

    def _completion(self, data: Json) -> None:
        self._shown.set()
        self._event("chat:completion", data)

    def _event(self, kind: str, data: Any) -> None:
        event = {"chat_id": self.request.chat_id, "message_id": self.request.message_id}
        self._channel.send("events", {**event, "data": {"type": kind, "data": data}})


async def answer(request: AnswerRequest, seconds_left: Callable[[], float]) -> None:
    """Carries out one answer; returns when it has ended and everything is delivered. Never raises."""
    try:
        with UserChannel(request.user_id) as channel:
            await Answer(request, channel, seconds_left).carry_out()
            await asyncio.to_thread(channel.flush, 5.0)
    except Exception:  # noqa: BLE001 - no heartbeat follows, so the watchdog ends the run with the text so far
        logger().exception("answer could not be ended", extra={"task_id": request.run.task_id})


async def _thrice(call: Callable[[], T]) -> T:
    """The result of a call to a table, repeated after what may pass."""
    for pause in (0.2, 1.0):
        try:
            return await asyncio.to_thread(call)
        except TRANSIENT as error:
            logger().warning("table not written, trying again", extra={"code": type(error).__name__})
            await asyncio.sleep(pause)
    return await asyncio.to_thread(call)
