"""Answers: time to the first token, frames and bytes, and what a sign-in does to a stream."""

import asyncio
import json
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp

from tests.bench.report import Figure, kilobytes, milliseconds, percentile
from tests.bench.site import BURST, INSTANT, STEADY, Person, Site
from tests.bench.socket import PATIENCE, Answer, Socket, connected

ROUNDS, WARM_UP = 30, 3
REQUESTS, PAUSE = 8, 0.5
QUESTION = {"role": "user", "content": "What is up?"}


@dataclass
class Stream:
    """A stream of server-sent events: when each text came, and the bytes of all."""

    started: float
    at: list[float]
    bytes: int

    @property
    def first(self) -> float:
        """Seconds to the first text."""
        return self.at[0] - self.started

    @property
    def gaps(self) -> list[float]:
        """Seconds between texts."""
        return [later - earlier for earlier, later in zip(self.at, self.at[1:], strict=False)]


async def stream(session: aiohttp.ClientSession, url: str, headers: dict[str, str], model: str) -> Stream:
    """A streamed completion of OpenAI's API, read to its end."""
    body = {"model": model, "messages": [QUESTION], "stream": True}
    seen = Stream(time.perf_counter(), [], 0)
    async with session.post(f"{url}/chat/completions", json=body, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        async for line in answer.content:
            arrived = time.perf_counter()
            seen.bytes += len(line)
            if not line.startswith(b"data: {"):
                continue
            choices = json.loads(line[6:])["choices"]
            if choices and choices[0]["delta"].get("content"):
                seen.at.append(arrived)
    assert seen.at, "the model said nothing"
    return seen


async def ask(
    session: aiohttp.ClientSession, site: Site, person: Person, socket: Socket, model: str
) -> tuple[float, Answer]:
    """One answer over the socket, to its end: when it was asked for (time.perf_counter), and what came."""
    question, message = str(uuid.uuid4()), str(uuid.uuid4())
    messages = {
        question: {"id": question, "parentId": None, "childrenIds": [message], **QUESTION},
        message: {"id": message, "parentId": question, "childrenIds": [], "role": "assistant", "content": ""},
    }
    chat = {"title": "Bench", "models": [model], "history": {"messages": messages, "currentId": message}}
    async with session.post(f"{site.url}/api/v1/chats/new", json={"chat": chat}, headers=person.headers) as made:
        assert made.status == 200, await made.text()
        chat_id = (await made.json())["id"]
    return await finished(session, site, person, socket, model, chat_id, message)


async def finished(
    session: aiohttp.ClientSession, site: Site, person: Person, socket: Socket, model: str, chat_id: str, message: str
) -> tuple[float, Answer]:
    """The answer that a message of a stored chat is to become: when it was asked for, and what came."""
    coming = socket.expect(message)
    form = {"model": model, "stream": True, "session_id": socket.id, "chat_id": chat_id, "id": message}
    started = time.perf_counter()
    async with session.post(f"{site.url}/api/chat/completions", json=form, headers=person.headers) as taken:
        assert taken.status == 200, await taken.text()
    async with asyncio.timeout(PATIENCE):
        await coming.ended.wait()
    return started, coming


async def first_tokens(site: Site) -> list[Figure]:
    """Direct, SSE and socket by turns."""
    direct: list[float] = []
    events: list[float] = []
    sockets: list[float] = []
    person = site.person()
    async with aiohttp.ClientSession() as session, connected(session, site.url, person.token) as socket:
        for number in range(WARM_UP + ROUNDS):
            plain = await stream(session, site.server.url, {}, INSTANT)
            through = await stream(session, f"{site.url}/api", person.headers, INSTANT)
            started, answer = await ask(session, site, person, socket, INSTANT)
            assert answer.first_text_at is not None, "no text came over the socket"
            if number >= WARM_UP:
                direct.append(plain.first)
                events.append(through.first)
                sockets.append(answer.first_text_at - started)
    return [
        *_added("SSE", events, direct, 0.010),
        *_added("socket", sockets, direct, 0.060),
    ]


def _added(name: str, values: list[float], direct: list[float], target: float) -> list[Figure]:
    figures = []
    for percent in (50, 95):
        here, beside = percentile(values, percent), percentile(direct, percent)
        added = here - beside
        aim, met = (f"≤ {milliseconds(target)}", added <= target) if percent == 50 else ("", None)
        figures.append(
            Figure(f"{name}: added, p{percent}", milliseconds(added), milliseconds(beside), here / beside, aim, met)
        )
    return figures


async def weights(site: Site) -> list[Figure]:
    """Frames and bytes of two answers on the socket, beside the bytes of the same from the model server."""
    person, figures = site.person(), []
    async with aiohttp.ClientSession() as session, connected(session, site.url, person.token) as socket:
        for model, name, limit in (
            (STEADY, "500 tokens at 50 a second", 25_000),
            (BURST, "2,000 tokens unthrottled", 100_000),
        ):
            plain = await stream(session, site.server.url, {}, model)
            _, answer = await ask(session, site, person, socket, model)
            expected = "".join(site.server.behaviours[model].tokens)
            assert answer.text == expected, f"{len(answer.text)} of {len(expected)} characters came"
            figures += [
                Figure(
                    f"{name}: bytes",
                    kilobytes(answer.bytes),
                    kilobytes(plain.bytes),
                    answer.bytes / plain.bytes,
                    f"≤ {limit // 1000} KB",
                    answer.bytes <= limit,
                ),
                Figure(f"{name}: frames", str(answer.frames), str(len(plain.at)), answer.frames / len(plain.at)),
            ]
    return figures


async def four_at_once(site: Site) -> list[Figure]:
    """Four models that answer one question at a time to one page, beside one that does."""
    person = site.person()
    async with aiohttp.ClientSession() as session, connected(session, site.url, person.token) as socket:
        await _side_by_side(session, site, person, socket, 4)  # so many functions are warm then
        one = await _side_by_side(session, site, person, socket, 1)
        four = await _side_by_side(session, site, person, socket, 4)
    expected = "".join(site.server.behaviours[STEADY].tokens)
    assert all(answer.text == expected for _, answer in (*one, *four)), "not all of the text came"
    first = [answer.first_text_at - started for started, answer in four if answer.first_text_at]
    beside = [answer.first_text_at - started for started, answer in one if answer.first_text_at]
    figures = [
        Figure(
            "the last of four first tokens (direct: one model)",
            milliseconds(max(first)),
            milliseconds(max(beside)),
            max(first) / max(beside),
        )
    ]
    for percent in (50, 99):
        gaps = [
            percentile(gap, percent)
            for gap in ([gap for _, answer in some for gap in answer.gaps] for some in (four, one))
        ]
        name = f"gap p{percent} between the frames of each answer (direct: one model)"
        figures.append(Figure(name, milliseconds(gaps[0]), milliseconds(gaps[1]), gaps[0] / gaps[1]))
    lasted, alone = (max(answer.last_at - started for started, answer in some) for some in (four, one))
    ratio = lasted / alone
    name = "four answers whole (direct: one)"
    return [*figures, Figure(name, f"{lasted:.1f} s", f"{alone:.1f} s", ratio, "≤ 1.1 ×", round(ratio, 2) <= 1.1)]


async def _side_by_side(
    session: aiohttp.ClientSession, site: Site, person: Person, socket: Socket, count: int
) -> list[tuple[float, Answer]]:
    question, *ids = (str(uuid.uuid4()) for _ in range(1 + count))
    messages = {question: {"id": question, "parentId": None, "childrenIds": ids, **QUESTION}} | {
        one: {"id": one, "parentId": question, "childrenIds": [], "role": "assistant", "content": "", "modelIdx": place}
        for place, one in enumerate(ids)
    }
    chat = {"title": "Bench", "models": [STEADY] * count, "history": {"messages": messages, "currentId": ids[0]}}
    async with session.post(f"{site.url}/api/v1/chats/new", json={"chat": chat}, headers=person.headers) as made:
        assert made.status == 200, await made.text()
        chat_id = (await made.json())["id"]
    return list(await asyncio.gather(*(finished(session, site, person, socket, STEADY, chat_id, one) for one in ids)))


async def sign_ins(site: Site) -> list[Figure]:
    """Longest gaps in a stream while others sign in, beside those while others ask for something else."""
    person, email, password = site.person(), f"{uuid.uuid4().hex}@example.com", uuid.uuid4().hex
    async with aiohttp.ClientSession() as session:
        account = {"name": "Bench", "email": email, "password": password}
        async with session.post(f"{site.url}/api/v1/auths/signup", json=account) as made:
            assert made.status == 200, await made.text()

        async def sign_in() -> None:
            body = {"email": email, "password": password}
            async with session.post(f"{site.url}/api/v1/auths/signin", json=body) as answer:
                assert answer.status == 200, await answer.text()

        async def other() -> None:
            async with session.get(f"{site.url}/api/v1/auths/", headers=person.headers) as answer:
                assert answer.status == 200, await answer.text()

        async def during(request: Callable[[], Awaitable[None]]) -> list[float]:
            disturbing = asyncio.create_task(_again(request))
            seen = await stream(session, f"{site.url}/api", person.headers, STEADY)
            disturbing.cancel()
            await asyncio.gather(disturbing, return_exceptions=True)
            return seen.gaps

        await asyncio.gather(sign_in(), other())  # both functions are warm
        plain = (await stream(session, site.server.url, {}, STEADY)).gaps
        others, signing = await during(other), await during(sign_in)
    figures = []
    for percent in (50, 99):
        direct = percentile(plain, percent)
        for name, gaps in (("others sign in", signing), ("others ask for something else", others)):
            here = percentile(gaps, percent)
            figures.append(
                Figure(f"gap p{percent} while {name}", milliseconds(here), milliseconds(direct), here / direct)
            )
    excess = percentile(signing, 99) / percentile(others, 99)
    return [*figures, Figure("sign-ins against other requests, p99", "", "", excess, "≤ 1.2 ×", excess <= 1.2)]


async def _again(request: Callable[[], Awaitable[None]]) -> None:
    for _ in range(REQUESTS):
        await request()
        await asyncio.sleep(PAUSE)
