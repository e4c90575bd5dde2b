"""One answer: lease, prompt, stream, delivery, log, end. Every way it can end is told on screen and in the table."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any

from functions.generate.delivery import Delivery, Flush
from functions.generate.outcome import (
    NOTHING_SAID,
    TIME_IS_UP,
    UNEXPECTED,
    Outcome,
    Stopped,
    TimeIsUp,
)
from functions.generate.prompt import Prompt, compose
from functions.generate.reasoning import ReasoningSplitter, tags_from
from functions.generate.source import chunks_of
from functions.generate.steps import Steps
from functions.generate.timing import Timing
from shared import answers, runs
from shared.answers import AnswerRequest, Resume
from shared.chats import store
from shared.chats.merge import SERVER
from shared.errors import DomainError, NotFound
from shared.llm.errors import ProviderError, Trouble
from shared.llm.provider import Json
from shared.llm.providers import provider_for
from shared.logs import logger
from shared.realtime.hub import UserChannel
from shared.runs import LostLease
from shared.storage.errors import TRANSIENT, thrice

if TYPE_CHECKING:
    from functions.generate.context import Summary

LOG_SECONDS = 0.5
TASK_SECONDS = 30.0
MARGIN_SECONDS = 20.0
"""What is left of the function's time when an answer is ended: enough to save it and tell."""


class Answer:
    """An answer under way."""

    def __init__(self, request: AnswerRequest, channel: UserChannel, seconds_left: Callable[[], float]) -> None:
        self.request, self.run, self.owner = request, request.run, uuid.uuid4().hex
        self._channel, self._seconds_left = channel, seconds_left
        self._timing = Timing(request.resume)
        self._delivery = _delivery(self._completion, request)
        self._prompt: Prompt | None = None
        self._asked: list[Json] = []
        self._usage: Json | None = None
        self._begun: asyncio.Task[None] | None = None
        self._unlogged: list[Flush] = []
        self._shown = asyncio.Event()
        self._chat_title: str | None = None
        self._summary: Summary | None = None
        self._steps = Steps(request.resume, self._event)

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
            return await self._hand_over()
        except LostLease:
            logger().warning("answer was ended by somebody else", extra={"task_id": self.run.task_id})
            return None
        except DomainError as error:
            # Not every model can go on from the beginning of an answer: then it ends as it did before it was tried.
            stuck = self.request.resume is not None and self._delivery.first_at is None
            return Outcome("failed", TIME_IS_UP if stuck else error.detail)
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
        self._asked = prompt.asked
        self._summary = prompt.summary if self.request.resume and self.request.resume.summary else None
        resume = self.request.resume
        if resume is None:
            self._delivery = Delivery(self._completion, prompt.content, prompt.reasoning)
        self._begun = asyncio.create_task(self._begin())
        if self.request.selected_model and not resume:
            self._event("chat:completion", {"selected_model_id": self.request.selected_model})
        self._prompt = await self._steps.ground(prompt, self.request)
        if self._steps.sources and not resume:
            self._begun = asyncio.create_task(self._noted(self._begun))
        if self.request.summarise and self.request.context_length:
            from functions.generate import shortening

            self._shorter(await shortening.fit(self._prompt, self.request, self._steps.shortening))
        try:
            await self._stream(self._prompt)
        except ProviderError as error:
            if (
                error.trouble is not Trouble.CONTEXT
                or self._delivery.first_at is not None
                or not self.request.summarise
            ):
                raise
            from functions.generate import shortening

            if not self._shorter(await shortening.halve(self._prompt, self.request, self._steps.shortening)):
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

    def _shorter(self, prompt: Prompt | None) -> bool:
        """Goes on with a shortened prompt, if there is one."""
        if prompt is None or prompt.summary is None:
            return False
        self._prompt, self._summary = prompt, prompt.summary if prompt.summary.text else None
        return True

    async def _noted(self, begun: "asyncio.Task[None]") -> None:
        """Stores what the answer is drawn from, so that who reloads sees it while the answer is being written."""
        await begun
        await self._save(self._steps.stored())

    def _take(self, kind: str, text: str) -> None:
        if kind == "reasoning":
            self._delivery.add(reasoning=text)
            return
        if self._delivery.reasoning.added:
            self._timing.reasoned()
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
        said = self._delivery.content.added or self._delivery.reasoning.added or self._delivery.tool_calls.calls
        if said or self.request.resume:
            return Outcome("done")
        return Outcome("failed", NOTHING_SAID)

    async def _hand_over(self) -> Outcome | None:
        """Has another invocation go on with the answer, as Continue would; None once that is under way.

        It takes a beginning to go on from, so an answer that has none, or a call of a tool under way, ends here.
        """
        round_ = self.request.resume.round if self.request.resume else 1
        delivery, ended = self._delivery, Outcome("failed", TIME_IS_UP)
        if not str(delivery.content).strip() or delivery.tool_calls.calls or round_ >= runs.ROUNDS:
            return ended
        delivery.push()
        try:
            await self._log()
            request = self.request.model_copy(update={"resume": self._resume(round_ + 1)})
            await asyncio.to_thread(runs.hand_over, self.run, self.owner)
        except LostLease:
            return None
        except TRANSIENT:
            logger().exception("answer not handed over", extra={"task_id": self.run.task_id})
            return ended
        try:
            await thrice(lambda: answers.dispatch(request))
        except TRANSIENT:
            logger().exception("answer not handed over", extra={"task_id": self.run.task_id})
            return ended if await thrice(lambda: runs.lease(self.run, self.owner)) else None
        logger().info("answer goes on", extra={"task_id": self.run.task_id, "round": round_ + 1})
        return None

    def _resume(self, round_: int) -> Resume:
        delivery = self._delivery
        return Resume(
            round=round_,
            content=str(delivery.content),
            reasoning_content=str(delivery.reasoning),
            seq=delivery.seq,
            elapsed=self._timing.elapsed(),
            first_token=self._timing.first_token(delivery),
            reasoned=self._timing.reasoning(delivery) if str(delivery.reasoning) else None,
            summary=self._summary.stored() if self._summary else None,
            statuses=self._steps.statuses,
            sources=self._steps.sources,
        )

    async def _end(self, outcome: Outcome) -> None:
        """Saves the whole message, ends the run, tells the screen; then what is wanted beside the answer."""
        self._delivery.push()
        if self._begun:
            await asyncio.wait([self._begun])
        try:
            await self._save(self._final(outcome))
            await thrice(lambda: runs.finish(self.run, self.owner, outcome.state))
        except NotFound:
            await thrice(lambda: runs.finish(self.run, self.owner, "stopped"))
            return
        except TRANSIENT:
            # The run stays open, so the watchdog saves what the log has as soon as the tables can be written again.
            logger().exception("answer not saved", extra={"task_id": self.run.task_id})
            await self._log()
        # Whoever read that it is still being written was connected by then, and waits to be told of the end.
        self._channel.look_again()
        self._tell(outcome)
        logger().info("answer", extra=self._facts(outcome))
        if outcome.state == "done":
            await self._tasks()

    @property
    def _knows_text(self) -> bool:
        """Whether the text from before is known here; until then what is stored stays."""
        return self._prompt is not None or self.request.resume is not None

    def _facts(self, outcome: Outcome) -> Json:
        ids = {"task_id": self.run.task_id, "chat_id": self.run.chat_id, "user_id": self.run.user_id}
        return {
            **ids,
            "model": self.run.model,
            "state": outcome.state,
            "error": outcome.error,
            "seconds": self._timing.elapsed(),
        }

    def _final(self, outcome: Outcome) -> Json:
        delivery = self._delivery
        run = {**self.run.reference(), "state": outcome.state}
        if not self._knows_text:
            message = self._named()
        else:
            message = {**self._named(), "content": str(delivery.content)}
            if reasoning := str(delivery.reasoning):
                message |= {"reasoning_content": reasoning, "reasoning_duration": self._timing.reasoning(delivery)}
        if calls := delivery.tool_calls.calls:
            message["tool_calls"] = calls
        if self._summary:
            message["context_summary"] = self._summary.stored()
        message |= self._steps.stored()
        if self._usage:
            message["usage"] = self._usage
        if (first := self._timing.first_token(delivery)) is not None:
            message["timing"] = {"first_token": first, "total": self._timing.elapsed()}
        if outcome.error:
            message["error"] = {"content": outcome.error}
        return {**message, "done": True, "run": run}

    def _named(self) -> Json:
        """What the stored message says of who answers; the name that an arena drew is shown after the vote."""
        message: Json = {"role": "assistant", "model": self.request.model}
        if self.request.selected_model:
            message |= {"selectedModelId": self.request.selected_model, "arena": True}
        return message

    def _tell(self, outcome: Outcome) -> None:
        if outcome.error:
            self._event("chat:message:error", {"error": {"content": outcome.error}})
        delivery = self._delivery
        counts = self._steps.counts() | delivery.counts()
        beside: Json = {"counts": counts} if any(counts.values()) else {}
        if self._summary:
            beside["context_summary"] = self._summary.stored()
        if outcome.state == "stopped":
            self._event("chat:tasks:cancel", beside)
            return
        end: Json = {"done": True, "content": str(delivery.content), **beside}
        if self._usage:
            end["usage"] = self._usage
        if self._chat_title is not None:
            end["title"] = self._chat_title  # clients show it where another chat is open
        if not self._knows_text:
            del end["content"]
        self._completion({**end, "seq": delivery.next_seq(), "offset": delivery.content.sent_length})

    async def _tasks(self) -> None:
        """What was asked for beside the answer, once it has ended."""
        seconds = min(TASK_SECONDS, self._seconds_left() - 5)
        if self._prompt is None or seconds <= 0 or not self.request.body.get("background_tasks"):
            return
        from functions.generate import background

        kinds = background.wanted(self.request, self._prompt)
        messages = [*self._asked, {"role": "assistant", "content": str(self._delivery.content)}]
        try:
            async with asyncio.timeout(seconds):
                await background.carry_out(kinds, self.request, self._prompt, messages, self._event)
        except (TimeoutError, *TRANSIENT) as error:
            extra = {"chat_id": self.run.chat_id, "code": type(error).__name__}
            logger().warning("tasks not carried out", extra=extra)

    async def _save(self, message: Json) -> None:
        """Merges fields into the stored message; raises `NotFound` when the chat is deleted."""
        if not self.request.temporary:
            whole = {"id": self.request.message_id, **message}
            changed = {self.request.message_id: whole}
            head, _ = await thrice(lambda: store.save_messages(self.request.chat_id, changed, writer=SERVER))
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


def _delivery(send: Callable[[Json], None], request: AnswerRequest) -> Delivery:
    resume = request.resume
    return Delivery(send, resume.content, resume.reasoning_content, resume.seq) if resume else Delivery(send)
