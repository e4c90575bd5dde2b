"""AWS calls of one message: the two functions run in this process, where every call is seen."""

import asyncio
import json
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unittest import mock

import aiohttp
import botocore.client
import httpx

from functions.generate import service
from functions.inference.handler import app
from shared import answers
from shared.storage import aws
from tests.bench.report import Figure
from tests.bench.site import INSTANT, Person, Site
from tests.bench.socket import Socket, connected

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

LIMIT = 3
LATENCY = 0.1  # seconds added to each call, so that those that wait for one another are told from those that do not
METHOD = "_make_api_call"  # of botocore's clients, pynamodb's too: all calls go through it


@dataclass(frozen=True)
class Call:
    """One AWS call, by time.monotonic."""

    operation: str
    started: float
    ended: float


class Worker:
    """Stands in for the Lambda client: keeps what the worker is invoked with; the call itself is made, to no effect."""

    def __init__(self, client: "LambdaClient") -> None:
        self._client = client
        self.payloads: list[bytes] = []

    def invoke(self, *, FunctionName: str, InvocationType: str, Payload: bytes) -> None:
        self._client.invoke(FunctionName=FunctionName, InvocationType="DryRun", Payload=Payload)
        self.payloads.append(Payload)


@contextmanager
def counted() -> Iterator[tuple[list[Call], Worker]]:
    """Every AWS call of this process while the block runs, and the worker that is asked for."""
    calls: list[Call] = []
    original = getattr(botocore.client.BaseClient, METHOD)

    def timed(self: Any, operation: str, parameters: Any) -> Any:
        started = time.monotonic()
        try:
            answer = original(self, operation, parameters)
            time.sleep(LATENCY)
            return answer
        finally:
            calls.append(Call(operation, started, time.monotonic()))

    worker = Worker(aws.lambda_client())
    with (
        mock.patch.object(botocore.client.BaseClient, METHOD, timed),
        mock.patch.object(answers, "lambda_client", return_value=worker),
    ):
        yield calls, worker


def chain(calls: list[Call]) -> list[str]:
    """The calls that had to wait for one before them: the longest sequence without overlap."""
    found: list[str] = []
    free_at = 0.0
    for call in sorted(calls, key=lambda call: call.ended):
        if call.started >= free_at:
            found.append(call.operation)
            free_at = call.ended
    return found


@dataclass(frozen=True)
class Counted:
    """What one message cost; `in_a_row` are the calls that come one after another before the model is asked."""

    operations: Counter[str]
    in_a_row: list[str]


async def count(site: Site) -> Counted:
    """One message as warm functions carry it out, with one open socket."""
    person = site.person()
    async with (
        aiohttp.ClientSession() as session,
        connected(session, site.url, person.token) as socket,
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://bench", headers=person.headers
        ) as client,
    ):
        await _message(client, site, session, person, socket)
        site.server.requests.clear()
        return await _message(client, site, session, person, socket)


async def _message(
    client: httpx.AsyncClient, site: Site, session: aiohttp.ClientSession, person: Person, socket: Socket
) -> Counted:
    question, message = str(uuid.uuid4()), str(uuid.uuid4())
    messages = {
        question: {"id": question, "parentId": None, "childrenIds": [message], "role": "user", "content": "Hello?"},
        message: {"id": message, "parentId": question, "childrenIds": [], "role": "assistant", "content": ""},
    }
    chat = {"title": "Bench", "history": {"messages": messages, "currentId": message}}
    async with session.post(f"{site.url}/api/v1/chats/new", json={"chat": chat}, headers=person.headers) as made:
        chat_id = (await made.json())["id"]
    with counted() as (calls, worker):
        form = {"model": INSTANT, "session_id": socket.id, "chat_id": chat_id, "id": message}
        taken = await client.post("/api/chat/completions", json=form)
        assert taken.status_code == 200, taken.text
        asked = time.monotonic()
        request = answers.received(json.loads(worker.payloads[0]))
        await asyncio.to_thread(lambda: asyncio.run(service.answer(request, lambda: 900.0)))
    upstream = site.server.completions(INSTANT)[-1].at
    of_request = [call for call in calls if call.ended <= asked]
    # The stored message is marked as running beside this; the model does not wait for it.
    of_worker = [
        call
        for call in calls
        if asked <= call.started and call.ended < upstream and call.operation in ("UpdateItem", "Query")
    ]
    return Counted(Counter(call.operation for call in calls), chain(of_request) + chain(of_worker))


def figures(counted: Counted) -> list[Figure]:
    """The calls, and how many of them come in a row before the model is asked."""
    several = ", ".join(f"{number} {operation}" for operation, number in counted.operations.most_common())
    row = len(counted.in_a_row)
    name = f"round trips in a row before the model is asked ({', '.join(counted.in_a_row)})"
    return [
        Figure(name, str(row), target=f"≤ {LIMIT}", met=row <= LIMIT),
        Figure(f"all calls of a short answer ({several})", str(sum(counted.operations.values()))),
    ]
