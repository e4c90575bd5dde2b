"""One worker's share of a pull: it asks the server, saves and tells the progress, and hands on when its time is up.

Pushes and models that are made on the server are pulls of another kind.
"""

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

from functions.pulls import files
from shared import pulls
from shared.llm.connections import Connection, ConnectionsSection
from shared.llm.errors import ProviderError, Trouble, broken
from shared.llm.provider import Json
from shared.llm.providers import ollama
from shared.llm.registry import registry
from shared.logs import logger
from shared.pulls import LostLease, Pull, State
from shared.realtime.hub import UserChannel
from shared.sections import load

if TYPE_CHECKING:
    from shared.llm.ollama import Ollama

SAVE_SECONDS = 2.0
MARGIN_SECONDS = 30.0
"""What is left of the function's time when the pull is handed on."""
PAUSE_SECONDS = 5.0
FILE_NAME = "model.gguf"
"""What a file is called where a model is made of it."""
SUCCESS = "success"
"""The last thing that a server says of anything that it did."""
HIDDEN = (
    *("cancel", "heartbeat_at", "layers", "user_id", "insecure", "file", "digest"),
    *("request", "before", "reached", "trouble"),
)
TRIES = 10
"""How often in a row a pull may fail without getting any further."""
_MAY_PASS = (Trouble.UNREACHABLE, Trouble.BROKEN, Trouble.SILENCE, Trouble.RATE)

TOO_SLOW = "The server took longer than 15 minutes to take the file. Have it fetch the model itself instead."
STUCK = "The server got no further in twice 15 minutes. Look at what it logs, or have it do this at the server itself."
NO_SERVER = "The server is not among the connections any more, or is switched off."


class Cancelled(Exception):
    """Somebody asked to end the pull."""


class TimeIsUp(Exception):
    """The function's time limit is near."""


class Worker:
    """A pull in one worker's hands."""

    def __init__(self, pull: Pull, owner: str, channel: UserChannel, seconds_left: Callable[[], float]) -> None:
        self._pull, self._owner = pull, owner
        self._channel, self._seconds_left = channel, seconds_left
        self._status, self._layers = pull.status, {digest: list(sizes) for digest, sizes in pull.layers.items()}
        self._before = pull.before
        self._saving: asyncio.Future[Pull] | None = None
        self._sending_whole = bool(pull.file and pull.digest)
        """All of this worker's time goes into sending a file."""

    async def work(self) -> None:
        """Works until the pull ends, or the time does."""
        self._tell()
        try:
            await self._race()
            await self._end("done")
            await registry.listing(refresh=True)
        except Cancelled:
            await self._end("cancelled")
        except TimeIsUp:
            if self._sending_whole:
                # A file cannot be sent in two halves, and there is never more time than this.
                await self._end("failed", TOO_SLOW)
            elif self._stuck():
                await self._end("failed", STUCK)
            else:
                await asyncio.to_thread(pulls.release, self._pull.id, self._owner, self._completed())
        except ProviderError as error:
            await self._end("failed", error.detail, error.trouble)

    async def _race(self) -> None:
        """Loads and keeps at once; whichever ends first ends the other."""
        tasks = [asyncio.ensure_future(self._load()), asyncio.ensure_future(self._keep())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        for task in done:
            task.result()

    async def _load(self) -> None:
        """Has the server load the model; after a failure that may pass, again, for as long as it gets further."""
        failures, furthest = 0, self._completed()
        while self._status != SUCCESS:
            try:
                await self._load_once()
                return
            except ProviderError as error:
                further = self._completed() > furthest
                if not self._may_pass(error, further):
                    raise
                failures = 1 if further else failures + 1
                furthest = max(furthest, self._completed())
                if failures >= TRIES:
                    raise
                logger().warning("pull interrupted", extra={"pull_id": self._pull.id, "trouble": error.trouble.value})
                self._status = f"interrupted, trying again: {error.detail}"
            await asyncio.sleep(PAUSE_SECONDS)

    def _may_pass(self, error: ProviderError, further: bool) -> bool:
        """Whether to try again: what the server says itself is about the network only when it loads something."""
        loads = self._pull.kind == "pull" or further
        return error.trouble in _MAY_PASS or (error.trouble is Trouble.OTHER and loads)

    def _stuck(self) -> bool:
        """Whether a worker's whole time was in vain: a server does these from their beginning, or a layer's."""
        pull = self._pull
        repeats = pull.kind != "pull" and not pull.file
        return repeats and pull.reached is not None and self._completed() <= pull.reached

    async def _load_once(self) -> None:
        pull = self._pull
        server = ollama(await asyncio.to_thread(_server, pull.url))
        body: Json = {**pull.request, **({"insecure": True} if pull.insecure else {})}
        if pull.file:
            body["files"] = {FILE_NAME: await self._bring(server)}
        if pull.kind == "create" and await self._made(server):
            self._status = SUCCESS
            return
        async with server.lines("POST", f"/api/{pull.kind}", {"model": pull.model, **body, "stream": True}) as lines:
            async for line in lines:
                self._take(line)
        if self._status != SUCCESS:
            raise broken(server.host)

    async def _made(self, server: "Ollama") -> bool:
        """Whether an earlier try made the model, though nobody heard of it: the server has another one by the name."""
        name = self._pull.model
        listed = {model.id: model.raw for model in await server.models()}
        entry = listed.get(name) or listed.get(f"{name}:latest") or {}
        found = " ".join(str(entry.get(field, "")) for field in ("digest", "modified_at"))
        if self._before is None:
            self._before = found
            await asyncio.to_thread(pulls.note_before, self._pull.id, self._owner, found)
        return found != self._before

    async def _bring(self, server: "Ollama") -> str:
        """Brings the file to the server, as a blob; its digest."""
        key, digest = self._pull.file, self._pull.digest
        size = await asyncio.to_thread(files.size_of, key)
        if not digest:
            self._status = "reading the file"
            digest = await files.digest_of(key, lambda done: self._moved("reading", done, size))
            await asyncio.to_thread(pulls.note_digest, self._pull.id, self._owner, digest)
        self._layers, self._status = {}, "sending the file"
        await files.send(server, key, digest, lambda done: self._moved(digest, done, size))
        self._layers = {digest: [size, size]}
        return digest

    def _moved(self, what: str, done: int, size: int) -> None:
        self._layers = {what: [done, size]}

    def _take(self, line: Json) -> None:
        self._status = str(line.get("status") or "")
        if digest := line.get("digest"):
            self._layers[str(digest)] = [int(line.get("completed") or 0), int(line.get("total") or 0)]

    async def _keep(self) -> None:
        """Saves and tells how far it is, says that the worker lives, looks for a cancellation and at the clock."""
        while True:
            self._pull = await self._save()
            self._tell()
            if self._pull.cancel:
                raise Cancelled
            if self._seconds_left() < MARGIN_SECONDS:
                raise TimeIsUp
            await asyncio.sleep(SAVE_SECONDS)

    async def _save(self) -> Pull:
        saving = asyncio.to_thread(pulls.progress, self._pull.id, self._owner, self._status, dict(self._layers))
        self._saving = asyncio.ensure_future(saving)
        return await asyncio.shield(self._saving)

    async def _end(self, state: State, error: str | None = None, trouble: str = "") -> None:
        if self._saving:
            # A thread is not cancelled with who waits for it: what it writes must not come after the last word.
            await asyncio.wait([self._saving])
        await self._save()
        self._pull = await asyncio.to_thread(pulls.finish, self._pull.id, self._owner, state, error, trouble)
        await asyncio.to_thread(pulls.drop_file, self._pull)
        self._tell()
        logger().info("pull", extra={"pull_id": self._pull.id, "model": self._pull.model, "state": state})

    def _tell(self) -> None:
        told = {name: value for name, value in asdict(self._pull).items() if name not in HIDDEN}
        self._channel.send("ollama:pull", told)

    def _completed(self) -> int:
        return sum(completed for completed, _ in self._layers.values())


async def work_on(pull_id: str, seconds_left: Callable[[], float]) -> None:
    """Works on a pull, unless another worker does or it is over."""
    owner = uuid.uuid4().hex
    pull = await asyncio.to_thread(pulls.lease, pull_id, owner)
    if pull is None:
        logger().info("pull is under way or over already", extra={"pull_id": pull_id})
        return
    with UserChannel(pull.user_id) as channel:
        try:
            await Worker(pull, owner, channel, seconds_left).work()
        except LostLease:
            logger().warning("pull was ended by somebody else", extra={"pull_id": pull_id})
        await asyncio.to_thread(channel.flush, 5.0)


def _server(url: str) -> Connection:
    """The connection to a server, as it is now; raises `ProviderError` when there is none."""
    section = load(ConnectionsSection)
    first = len(section.connections)
    for index, connection in enumerate(section.ollama):
        if connection.url == url and section.is_on(first + index):
            return connection
    raise ProviderError(Trouble.REQUEST, NO_SERVER)
