"""A Socket.IO client that notes when each frame came and how long it is."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

PATIENCE = 60.0


@dataclass
class Answer:
    """The frames of one answer: when each came (time.perf_counter) and its bytes."""

    first_text_at: float | None = None
    last_at: float = 0.0
    gaps: list[float] = field(default_factory=list)
    frames: int = 0
    bytes: int = 0
    text: str = ""
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class Socket:
    """A signed-in connection; `answers` by message id."""

    def __init__(self, connection: aiohttp.ClientWebSocketResponse) -> None:
        self._connection = connection
        self.id = ""
        self.answers: dict[str, Answer] = {}

    async def sign_in(self, token: str) -> None:
        """The Engine.IO and Socket.IO handshakes."""
        opening = await self._connection.receive_str(timeout=PATIENCE)
        assert opening.startswith("0"), opening
        await self._connection.send_str("40" + json.dumps({"token": token}))
        connected = await self._connection.receive_str(timeout=PATIENCE)
        assert connected.startswith("40"), connected
        self.id = json.loads(connected[2:])["sid"]

    def expect(self, message_id: str) -> Answer:
        """The answer that is to come."""
        self.answers[message_id] = Answer()
        return self.answers[message_id]

    async def read(self) -> None:
        """Reads until the connection ends."""
        async for frame in self._connection:
            arrived = time.perf_counter()
            if frame.type is aiohttp.WSMsgType.TEXT and frame.data.startswith("42"):
                self._take(frame.data, json.loads(frame.data[2:])[1], arrived)

    def _take(self, frame: str, event: dict[str, Any], arrived: float) -> None:
        answer = self.answers.get(event.get("message_id", ""))
        if answer is None:
            return
        if answer.frames:
            answer.gaps.append(arrived - answer.last_at)
        answer.last_at = arrived
        answer.frames += 1
        answer.bytes += len(frame.encode())
        kind, data = event["data"]["type"], event["data"]["data"]
        if kind == "chat:completion" and data.get("choices"):
            answer.text += data["choices"][0]["delta"].get("content", "")
            answer.first_text_at = answer.first_text_at or arrived
        if kind in ("chat:message:error", "chat:tasks:cancel") or (kind == "chat:completion" and data.get("done")):
            answer.ended.set()


@asynccontextmanager
async def connected(session: aiohttp.ClientSession, url: str, token: str) -> AsyncIterator[Socket]:
    """A socket that reads in the background."""
    address = f"{url.replace('http', 'ws', 1)}/ws/socket.io/?EIO=4&transport=websocket"
    async with session.ws_connect(address, max_msg_size=0) as connection:
        socket = Socket(connection)
        await socket.sign_in(token)
        reader = asyncio.create_task(socket.read())
        try:
            yield socket
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)
