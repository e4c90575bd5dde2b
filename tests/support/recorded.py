"""Providers' answers as recorded bytes, played back over an HTTP transport in pieces of any size."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx2

Json = dict[str, Any]


@dataclass
class Recording:
    """One answer: `then` is what happens after its bytes, in place of a proper end."""

    content: bytes = b""
    status: int = 200
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    then: Exception | None = None


@dataclass
class Player(httpx2.AsyncBaseTransport):
    """Answers every request with the next recording (the last one again and again), in pieces of `size` bytes."""

    recordings: list[Recording]
    size: int = 1000
    requests: list[httpx2.Request] = field(default_factory=list)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        await request.aread()
        self.requests.append(request)
        recording = self.recordings.pop(0) if len(self.recordings) > 1 else self.recordings[0]
        headers = {"content-type": recording.content_type, **recording.headers}
        if recording.status == 0:
            assert recording.then
            raise recording.then
        return httpx2.Response(recording.status, headers=headers, stream=_Pieces(recording, self.size))

    @property
    def client(self) -> httpx2.AsyncClient:
        """A client on this transport."""
        return httpx2.AsyncClient(transport=self)

    def body(self, index: int = -1) -> Json:
        """The JSON body of a request."""
        found: Json = json.loads(self.requests[index].content)
        return found


class _Pieces(httpx2.AsyncByteStream):
    def __init__(self, recording: Recording, size: int) -> None:
        self._recording, self._size = recording, size

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._cut():
            yield piece
        if self._recording.then:
            raise self._recording.then

    def _cut(self) -> Iterator[bytes]:
        content = self._recording.content
        for start in range(0, len(content), self._size):
            yield content[start : start + self._size]


def sse(*events: Json, named: bool = False, done: bool = False) -> bytes:
    """Server-sent events; `named` gives each the name in its `type`."""
    text = ""
    for event in events:
        text += f"event: {event['type']}\n" if named else ""
        text += f"data: {json.dumps(event, ensure_ascii=False)}\n\n"
    return (text + ("data: [DONE]\n\n" if done else "")).encode()


def lines(*objects: Json) -> bytes:
    """Lines of JSON."""
    return "".join(f"{json.dumps(each, ensure_ascii=False)}\n" for each in objects).encode()
