"""A run of its own: stopped with a socket open, started again, killed, started again; and parts of it that crash."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from aiohttp import ClientSession, WSMsgType

from infra.local.run import READY, is_running
from infra.local.state import State
from tests.support.stack import Stack, start
from tests.support.waiting import until

pytestmark = pytest.mark.timeout(900)

PERSON = {"email": "ada@example.com", "password": "correct horse", "name": "Ada"}
STOP_LIMIT = 30.0  # seconds


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[State]:
    """A state directory of this module, with no run left in it at the end."""
    state = State(tmp_path_factory.mktemp("run"))
    yield state
    state.stop_holder()


def launch(state: State) -> tuple[subprocess.Popen[bytes], str]:
    """Start a run; returns it with what it printed."""
    process = start(state, "--web", str(empty_web(state)), owner=os.getpid())
    return process, (state.root / "run.log").read_text()


def empty_web(state: State) -> Path:
    folder = state.root / "web"
    folder.mkdir(exist_ok=True)
    (folder / "index.html").write_text("<!doctype html><title>Cirrus</title>")
    return folder


def url(state: State) -> str:
    endpoints = state.read_endpoints()
    assert endpoints is not None
    return endpoints.url


def sign_in(state: State) -> int:
    return httpx.post(f"{url(state)}/api/v1/auths/signin", json=PERSON, timeout=60).status_code


async def open_socket_and_interrupt(state: State, process: subprocess.Popen[bytes]) -> None:
    address = f"{url(state)}/ws/socket.io/?EIO=4&transport=websocket"
    async with ClientSession() as session, session.ws_connect(address) as socket:
        assert (await socket.receive(timeout=60)).data.startswith("0{")
        process.send_signal(signal.SIGINT)
        assert (await socket.receive(timeout=STOP_LIMIT)).type in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.ERROR)


def test_what_was_saved_survives_ctrl_c_with_an_open_socket_and_a_kill(state: State) -> None:
    process, said = launch(state)
    assert "deploy the stacks" in said
    assert httpx.post(f"{url(state)}/api/v1/auths/signup", json=PERSON, timeout=60).status_code == 200

    with ThreadPoolExecutor(1) as pool:  # this thread may have an event loop, of Playwright
        pool.submit(asyncio.run, open_socket_and_interrupt(state, process)).result()
    until(lambda: process.poll() is not None, STOP_LIMIT, "the run has left")
    assert process.returncode == 0

    process, said = launch(state)
    assert "stacks are unchanged" in said
    print(next(line for line in said.splitlines() if READY in line))
    assert sign_in(state) == 200

    endpoints = state.read_endpoints()
    assert endpoints is not None
    process.kill()
    process.wait()
    for pid in endpoints.processes.values():
        until(lambda pid=pid: not is_running(pid), STOP_LIMIT, "the parts of a killed run have left")  # type: ignore[misc]

    process, said = launch(state)
    assert "stacks are unchanged" in said
    assert sign_in(state) == 200
    process.send_signal(signal.SIGTERM)
    until(lambda: process.poll() is not None, STOP_LIMIT, "the run has left")


@pytest.fixture(scope="module")
def own(state: State) -> Stack:
    """A stack that no other test uses, so that its parts may be killed."""
    launch(state)
    return Stack(state)


@pytest.mark.parametrize("part", ["inference", "edge"])
def test_a_part_that_crashes_comes_back(own: Stack, part: str) -> None:
    own.kill_and_await_restart(part)
    answered = httpx.get(f"{own.url}/api/models", timeout=60)
    assert answered.status_code == 401


def test_after_a_crash_of_the_emulator_what_was_saved_is_there(own: Stack) -> None:
    table = own.endpoints.tables["platform"]
    key = {"pk": {"S": "test"}, "sk": {"S": "crash"}}
    own.client("dynamodb").put_item(TableName=table, Item=key)
    own.save()
    own.kill_and_await_restart("emulator")
    assert "Item" in own.client("dynamodb").get_item(TableName=table, Key=key)
    until(lambda: httpx.get(f"{own.url}/api/config", timeout=60).status_code == 200, 60, "the API answers")
