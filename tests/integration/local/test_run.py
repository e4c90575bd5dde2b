"""The session's run: killed, started again, stopped with a socket open, started again; and parts of it that crash."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from aiohttp import ClientSession, WSMsgType

from infra.local.run import READY, is_running
from tests.support.stack import ATTACH, Stack
from tests.support.waiting import until

pytestmark = [pytest.mark.timeout(600), pytest.mark.alone]

STOP_LIMIT = 30.0  # seconds


@pytest.fixture
def person(cirrus: Stack) -> dict[str, str]:
    """Somebody who signed up."""
    person = {"email": f"{os.urandom(6).hex()}@example.com", "password": "correct horse", "name": "Ada"}
    assert httpx.post(f"{cirrus.url}/api/v1/auths/signup", json=person, timeout=60).status_code == 200
    return person


def sign_in(stack: Stack, person: dict[str, str]) -> int:
    return httpx.post(f"{stack.url}/api/v1/auths/signin", json=person, timeout=60).status_code


async def open_socket_and_interrupt(stack: Stack, process: subprocess.Popen[bytes]) -> None:
    address = f"{stack.websocket_url}?EIO=4&transport=websocket"
    async with ClientSession() as session, session.ws_connect(address) as socket:
        assert (await socket.receive(timeout=60)).data.startswith("0{")
        process.send_signal(signal.SIGINT)
        assert (await socket.receive(timeout=STOP_LIMIT)).type in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.ERROR)


@pytest.mark.skipif(ATTACH in os.environ, reason="it would end a run that is not of these tests")
def test_what_was_saved_survives_a_kill_and_ctrl_c_with_an_open_socket(cirrus: Stack, person: dict[str, str]) -> None:
    assert "deploy the stacks" in cirrus.said()
    cirrus.save()
    parts = cirrus.endpoints.processes.values()
    os.kill(cirrus.endpoints.pid, signal.SIGKILL)
    for pid in parts:
        until(lambda pid=pid: not is_running(pid), STOP_LIMIT, "the parts of a killed run have left")  # type: ignore[misc]

    process = cirrus.start_again()
    assert "stacks are unchanged" in cirrus.said()
    assert sign_in(cirrus, person) == 200

    with ThreadPoolExecutor(1) as pool:  # this thread may have an event loop, of Playwright
        pool.submit(asyncio.run, open_socket_and_interrupt(cirrus, process)).result()
    until(lambda: process.poll() is not None, STOP_LIMIT, "the run has left")
    assert process.returncode == 0

    cirrus.start_again()
    assert "stacks are unchanged" in cirrus.said()
    print(next(line for line in cirrus.said().splitlines() if READY in line))
    assert sign_in(cirrus, person) == 200


@pytest.mark.parametrize("part", ["inference", "edge"])
def test_a_part_that_crashes_comes_back(cirrus: Stack, part: str) -> None:
    cirrus.kill_and_await_restart(part)
    answered = httpx.get(f"{cirrus.url}/api/models", timeout=60)
    assert answered.status_code == 401


def test_after_a_crash_of_the_emulator_what_was_saved_is_there(cirrus: Stack, person: dict[str, str]) -> None:
    cirrus.save()
    cirrus.kill_and_await_restart("emulator")
    until(lambda: httpx.get(f"{cirrus.url}/api/config", timeout=60).status_code == 200, 60, "the API answers")
    assert sign_in(cirrus, person) == 200
