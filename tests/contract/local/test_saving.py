"""The emulator's state on disk: on leaving, on an interval, after a kill."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from aiohttp import ClientSession, WSMsgType

from infra.local import aws
from infra.local.children import Child
from infra.local.emulator_process import emulator, save, saved_at
from infra.local.ports import free_port, is_free
from tests.support.emulator import running, url_of
from tests.support.waiting import until


def put(child: Child, name: str) -> None:
    aws.client("ssm", url_of(child)).put_parameter(Name=name, Value="v", Type="String")


def names(child: Child) -> set[str]:
    found = aws.client("ssm", url_of(child)).describe_parameters()["Parameters"]
    return {parameter["Name"] for parameter in found}


def test_a_save_on_request_survives_a_kill(tmp_path: Path) -> None:
    with running(tmp_path) as child:
        put(child, "kept")
        save(child, tmp_path)
        os.kill(child.pid, signal.SIGKILL)
        until(child.has_died)
    with running(tmp_path) as child:
        assert names(child) == {"kept"}


def test_the_port_is_free_at_once_after_a_kill_in_the_middle_of_a_save(tmp_path: Path) -> None:
    with running(tmp_path) as child:
        port = int(url_of(child).rsplit(":", 1)[1])
        put(child, "kept")
        child.signal(signal.SIGUSR1)
        os.kill(child.pid, signal.SIGKILL)
        until(child.has_died)
        assert is_free(port)


def test_it_saves_on_an_interval_when_something_happened(tmp_path: Path) -> None:
    child = emulator(free_port(), tmp_path, tmp_path / "log", save_every=0.2)
    try:
        child.start()
        put(child, "kept")
        until(lambda: saved_at(tmp_path) > 0, 20, "the first save")
        first = saved_at(tmp_path)
        put(child, "kept too")
        until(lambda: saved_at(tmp_path) > first, 20, "the second save")
        second = saved_at(tmp_path)
        names(child)  # one more request, so that a save begins after everything that is asked for below
        until(lambda: saved_at(tmp_path) > second, 20, "the third save")
        os.kill(child.pid, signal.SIGKILL)
        until(child.has_died)
    finally:
        child.stop()
    with running(tmp_path) as child:
        assert names(child) == {"kept", "kept too"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_saves_and_leaves_on_a_signal_with_a_socket_open(tmp_path: Path, number: int) -> None:
    with running(tmp_path) as child:
        put(child, "kept")
        client = aws.client("apigatewayv2", url_of(child))
        api = client.create_api(Name="a", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action")
        client.create_stage(ApiId=api["ApiId"], StageName="ws")
        url = f"{url_of(child)}/_aws/execute-api/{api['ApiId']}/ws"
        async with ClientSession() as session, session.ws_connect(url) as socket:
            child.signal(number)
            assert (await socket.receive(timeout=20)).type in (WSMsgType.CLOSED, WSMsgType.ERROR, WSMsgType.CLOSE)
        until(child.has_died, 20)
    with running(tmp_path) as child:
        assert names(child) == {"kept"}


def test_it_leaves_when_whoever_started_it_is_gone(tmp_path: Path) -> None:
    with running(tmp_path) as child:
        put(child, "kept")
        child.close_input()
        until(child.has_died, 20)
    with running(tmp_path) as child:
        assert names(child) == {"kept"}
