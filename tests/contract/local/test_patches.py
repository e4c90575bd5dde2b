"""What each patch of the emulator is for: with it, and what breaks without it.

When the half ``without`` of a test fails, MiniStack has learnt it: delete the patch.
"""

from __future__ import annotations

import json
import secrets
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
from infra.local.emulator_process import save
from tests.contract.local.functions import call, create, zipped
from tests.support.emulator import running, url_of
from tests.support.waiting import until

Start = Callable[..., Child]
PATCHED = pytest.mark.parametrize("patched", [True, False], ids=["with", "without"])


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
def test_a_layer_is_unpacked_once_for_all_workers(start: Start, patched: bool) -> None:
    client = aws.client("lambda", url_of(start("layers", patched)))
    layer = client.publish_layer_version(LayerName="l", Content={"ZipFile": zipped({"python/layered.py": ""})})
    source = "import layered, os\ndef handler(event, context): return os.path.realpath(layered.__file__)"
    for name in ("f", "g"):
        create(client, name, source, (layer["LayerVersionArn"],))
    assert (call(client, "f") == call(client, "g")) is patched


@PATCHED
def test_a_layer_is_saved_once_and_not_with_every_save(start: Start, patched: bool, tmp_path: Path) -> None:
    child = start("layer-files", patched)
    client = aws.client("lambda", url_of(child))
    big = zipped({"python/layered.py": "text = '" + secrets.token_hex(200_000) + "'"})
    layer = client.publish_layer_version(LayerName="l", Content={"ZipFile": big})
    source = "import layered\ndef handler(event, context): return len(layered.text)"
    create(client, "f", source, (layer["LayerVersionArn"],))
    save(child, tmp_path)
    assert ((tmp_path / "services" / "lambda.json").stat().st_size < 50_000) is patched
    child.stop()
    with running(tmp_path, without=() if patched else ("layer-files",)) as again:
        assert call(aws.client("lambda", url_of(again)), "f") == 400_000


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
