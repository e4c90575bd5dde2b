"""What each patch of the emulator is for: with it, and what breaks without it.

When the half ``without`` of a test fails, MiniStack has learnt it: delete the patch.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from infra.local import aws
from infra.local.children import Child
from infra.local.emulator.patches.names import STREAMS_KEPT
from infra.local.emulator.pointer import pointing_at
from tests.contract.local.functions import call, create, zipped
from tests.support.emulator import running, url_of
from tests.support.waiting import until

Start = Callable[..., Child]
PATCHED = pytest.mark.parametrize(
    "patched", [pytest.param(True, id="with"), pytest.param(False, id="without", marks=pytest.mark.unpatched)]
)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts an emulator, with or without one patch."""
    with ExitStack() as stack:

        def start(patch: str, patched: bool) -> Child:
            return stack.enter_context(running(tmp_path, without=() if patched else (patch,)))

        yield start


@PATCHED
def test_functions_do_not_see_the_packages_of_the_emulator(start: Start, patched: bool) -> None:
    client = aws.client("lambda", url_of(start("runtime-python", patched)))
    source = (
        "import importlib.util\ndef handler(event, context): return importlib.util.find_spec('ministack') is not None"
    )
    create(client, "f", source)
    assert call(client, "f") is not patched


@PATCHED
def test_a_handler_that_logs_nothing_answers_at_once(start: Start, patched: bool) -> None:
    client = aws.client("lambda", url_of(start("silent-handlers", patched)))
    create(client, "f", "def handler(event, context): return 1")
    call(client, "f")
    took = []
    for _ in range(30):
        started = time.perf_counter()
        call(client, "f")
        took.append(time.perf_counter() - started)
    assert (min(took) < 0.050) is patched


@PATCHED
def test_simultaneous_requests_to_a_cold_function_share_workers(start: Start, patched: bool) -> None:
    client = aws.client("lambda", url_of(start("cold-starts", patched)))
    create(client, "f", "import os, time\ntime.sleep(0.3)\ndef handler(event, context): return os.getpid()")
    with ThreadPoolExecutor(10) as pool:
        workers = set(pool.map(lambda _: call(client, "f"), range(10)))
    assert (len(workers) < 10) is patched


@PATCHED
def test_many_short_requests_share_few_workers(start: Start, patched: bool) -> None:
    client = aws.client("lambda", url_of(start("cold-starts", patched)))
    create(client, "f", "import os, time\ndef handler(event, context): time.sleep(0.02); return os.getpid()")
    with ThreadPoolExecutor(20) as pool:
        workers = set(pool.map(lambda _: call(client, "f"), range(200)))
    assert (len(workers) < 10) is patched


@PATCHED
def test_many_events_of_a_rule_wait_for_few_workers_and_are_tried_again(
    start: Start, patched: bool, tmp_path: Path
) -> None:
    url = url_of(start("event-queue", patched))
    tries = tmp_path / "tries"
    source = f"""
import os, time
def handler(event, context):
    time.sleep(0.5)
    with open({str(tries)!r}, "a") as file:
        file.write(f"{{event['detail']['n']}} {{os.getpid()}}\\n")
    if event["detail"]["n"] == 0:
        raise RuntimeError("always")
"""
    client, events = aws.client("lambda", url), aws.client("events", url)
    create(client, "f", source)
    arn = client.get_function_configuration(FunctionName="f")["FunctionArn"]
    events.put_rule(Name="r", EventPattern=json.dumps({"source": ["tests"]}))
    events.put_targets(Rule="r", Targets=[{"Id": "f", "Arn": arn}])
    entries = [{"Source": "tests", "DetailType": "t", "Detail": json.dumps({"n": number})} for number in range(24)]
    for at in range(0, len(entries), 8):
        events.put_events(Entries=entries[at : at + 8])

    def seen() -> list[list[str]]:
        return [line.split() for line in tries.read_text().splitlines()] if tries.exists() else []

    until(lambda: len(seen()) == (26 if patched else 24), 60, "all events have come")
    assert [number for number, _ in seen()].count("0") == (3 if patched else 1)
    if patched:
        # A worker that raised has ended, and another one has taken its place.
        assert len({process for _, process in seen()}) <= 2 * (os.cpu_count() or 2) + 3


@PATCHED
def test_a_layer_is_unpacked_once_for_all_workers(start: Start, patched: bool) -> None:
    client = aws.client("lambda", url_of(start("packages", patched)))
    layer = client.publish_layer_version(LayerName="l", Content={"ZipFile": zipped({"python/layered.py": ""})})
    source = "import layered, os\ndef handler(event, context): return os.path.realpath(layered.__file__)"
    for name in ("f", "g"):
        create(client, name, source, (layer["LayerVersionArn"],))
    assert (call(client, "f") == call(client, "g")) is patched


@PATCHED
def test_a_package_that_was_left_unpacked_is_linked_and_outlives_its_folder(
    start: Start, patched: bool, tmp_path: Path
) -> None:
    child = start("packages", patched)
    client = aws.client("lambda", url_of(child))
    folder = tmp_path / "built"
    (folder / "python").mkdir(parents=True)
    (folder / "python" / "layered.py").write_text("word = 'hello'")
    layer = client.publish_layer_version(LayerName="l", Content={"ZipFile": pointing_at(folder)})
    create(client, "f", "import layered\ndef handler(event, context): return layered.word", (layer["LayerVersionArn"],))
    assert (call(client, "f") == "hello") is patched
    shutil.rmtree(folder)
    child.stop()
    with running(tmp_path, without=() if patched else ("packages",)) as again:
        assert (call(aws.client("lambda", url_of(again)), "f") == "hello") is patched


@PATCHED
def test_a_template_sets_time_to_live(start: Start, patched: bool) -> None:
    url = url_of(start("ttl", patched))
    table = {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "TableName": "t",
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            "TimeToLiveSpecification": {"AttributeName": "expires_at", "Enabled": True},
        },
    }
    _deploy(url, {"Table": table})
    described = aws.client("dynamodb", url).describe_time_to_live(TableName="t")["TimeToLiveDescription"]
    assert (described["TimeToLiveStatus"] == "ENABLED") is patched


@PATCHED
def test_a_template_may_give_a_socket_route_its_response(start: Start, patched: bool) -> None:
    url = url_of(start("route-responses", patched))
    api = {"Name": "a", "ProtocolType": "WEBSOCKET", "RouteSelectionExpression": "$request.body.action"}
    resources = {
        "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": api},
        "Route": {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {"ApiId": {"Ref": "Api"}, "RouteKey": "$default"},
        },
        "Response": {
            "Type": "AWS::ApiGatewayV2::RouteResponse",
            "Properties": {"ApiId": {"Ref": "Api"}, "RouteId": {"Ref": "Route"}, "RouteResponseKey": "$default"},
        },
    }
    if patched:
        _deploy(url, resources)
        api_id = aws.client("apigatewayv2", url).get_apis()["Items"][0]["ApiId"]
        route_id = aws.client("apigatewayv2", url).get_routes(ApiId=api_id)["Items"][0]["RouteId"]
        responses = aws.client("apigatewayv2", url).get_route_responses(ApiId=api_id, RouteId=route_id)["Items"]
        assert [response["RouteResponseKey"] for response in responses] == ["$default"]
    else:
        with pytest.raises(Exception, match="RouteResponse"):
            _deploy(url, resources)


@PATCHED
def test_only_the_newest_logs_are_kept_and_a_file_has_them(start: Start, patched: bool, tmp_path: Path) -> None:
    url = url_of(start("logs", patched))
    client = aws.client("lambda", url)
    create(client, "f", "def handler(event, context): print('said something')")
    for _ in range(STREAMS_KEPT + 3):
        call(client, "f")
    pages = aws.client("logs", url).get_paginator("describe_log_streams").paginate(logGroupName="/aws/lambda/f")
    assert (sum(len(page["logStreams"]) for page in pages) <= STREAMS_KEPT) is patched
    assert (tmp_path / "functions.log").exists() is patched


@PATCHED
def test_functions_are_warmed_up_on_a_signal(start: Start, patched: bool, tmp_path: Path) -> None:
    import signal

    child = start("warm-up", patched)
    client = aws.client("lambda", url_of(child))
    started = tmp_path / "started"
    create(client, "f", f"open({str(started)!r}, 'w').close()\ndef handler(event, context): return 1")
    child.signal(signal.SIGUSR2)
    if patched:
        until(started.exists, what="the function is imported")
    else:
        until(child.has_died, what="the signal ends an emulator that does not know it")


def _deploy(url: str, resources: dict[str, Any]) -> None:
    client = aws.client("cloudformation", url)
    client.create_stack(StackName="s", TemplateBody=json.dumps({"Resources": resources}))
    client.get_waiter("stack_create_complete").wait(StackName="s", WaiterConfig={"Delay": 1, "MaxAttempts": 20})
