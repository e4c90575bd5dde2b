"""What runs in the background, told as Ollama tells it: lines of JSON, for whoever asks, as often as they ask."""

import asyncio
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing

from shared import pulls
from shared.errors import NotFound
from shared.llm.errors import ProviderError, Trouble
from shared.llm.provider import Json
from shared.pulls import Pull

POLL_SECONDS = 1.0
# Then there is still time to say so before the function's 900 seconds end.
FOLLOW_SECONDS = 840

GOES_ON = "This takes longer than one request may. It goes on in the background: ask for the same again to follow it."
CANCELLED = "Somebody cancelled this. Ask for it again to begin anew."
_SUCCESS = "success"


async def lines(pull: Pull) -> AsyncGenerator[Json]:
    """Ollama's lines for how far a pull is, up to its end; raises `ProviderError` for any other end than success."""
    news, until = News(), time.monotonic() + FOLLOW_SECONDS
    while True:
        for line in news.of(pull):
            yield line
        if not pull.active:
            break
        if time.monotonic() > until:
            raise ProviderError(Trouble.SILENCE, GOES_ON)
        await asyncio.sleep(POLL_SECONDS)
        try:
            pull = await asyncio.to_thread(pulls.get, pull.id)
        except NotFound as error:
            raise ProviderError(Trouble.REQUEST, CANCELLED) from error
    if pull.state == "cancelled":
        raise ProviderError(Trouble.REQUEST, CANCELLED)
    if pull.state == "failed":
        raise ProviderError(Trouble(pull.trouble or Trouble.OTHER), pull.error or "")
    yield {"status": _SUCCESS}


async def last(progress: AsyncGenerator[Json]) -> Json:
    """The last of the lines: one answer for a client that wants no stream."""
    said: Json = {}
    async with aclosing(progress):
        async for line in progress:
            said = line
    return said


class News:
    """What a pull has to tell that was not told yet."""

    def __init__(self) -> None:
        self._said = ""
        self._layers: dict[str, list[int]] = {}

    def of(self, pull: Pull) -> Iterator[Json]:
        """A line for each layer that moved, and one for another status; the last one is left to the end."""
        known = {digest: self._status(pull, digest) for digest in pull.layers}
        for digest, status in known.items():
            completed, total = pull.layers[digest]
            if self._layers.get(digest) != [completed, total]:
                yield {"status": status, "digest": digest, "total": total, "completed": completed}
        self._layers = pull.layers
        if pull.status not in ("", self._said, _SUCCESS, *known.values()):
            yield {"status": pull.status}
        self._said = pull.status

    def _status(self, pull: Pull, digest: str) -> str:
        """What Ollama says while it moves a layer, or makes one."""
        if pull.kind == "create":
            return self._said if pull.status == _SUCCESS else pull.status
        return f"{pull.kind}ing {digest.removeprefix('sha256:')[:12]}"
