"""The REST and the WebSocket API."""

import json
from typing import Any

import pytest

from infra.routes import ROUTES, function_for, is_api_path
from infra.synthesis import Synthesised


def paths_of(stage: Synthesised) -> dict[str, dict[str, Any]]:
    """Every path of the REST API that has a method, with that method."""
    resources = {name.split("/")[1]: each["Properties"] for name, each in stage.resources("AWS::ApiGateway::Resource")}

    def path(reference: dict[str, Any]) -> str:
        if "Ref" not in reference:
            return ""
        resource = resources[reference["Ref"]]
        return f"{path(resource['ParentId'])}/{resource['PathPart']}"

    methods = [each["Properties"] for _, each in stage.resources("AWS::ApiGateway::Method")]
    return {path(method["ResourceId"]): method for method in methods}


def test_the_api_has_the_routes_of_the_table_and_no_others(stage: Synthesised) -> None:
    expected = {route.path for route in ROUTES} | {f"{route.path}/{{proxy+}}" for route in ROUTES if route.below}
    assert set(paths_of(stage)) == expected


def test_only_inference_streams_and_for_as_long_as_it_runs(deployed: Synthesised) -> None:
    for path, method in paths_of(deployed).items():
        integration = method["Integration"]
        streams = function_for(path.replace("{proxy+}", "x")) == "inference"
        assert (integration.get("ResponseTransferMode") == "STREAM") == streams, path
        assert integration["TimeoutInMillis"] == (900_000 if streams else 29_000), path
        uri = json.dumps(integration["Uri"])
        assert ("/response-streaming-invocations" in uri) == streams, path


def test_requests_are_logged_and_throttled_but_not_validated(stage: Synthesised) -> None:
    assert not stage.resources("AWS::ApiGateway::RequestValidator")
    ((_, api_stage),) = stage.resources("AWS::ApiGateway::Stage")
    properties = api_stage["Properties"]
    assert "DestinationArn" in properties["AccessLogSetting"]
    (settings,) = properties["MethodSettings"]
    assert settings["ThrottlingRateLimit"] == stage.stage.requests_per_second


def test_what_the_gateway_says_itself_has_the_shape_of_the_contract(stage: Synthesised) -> None:
    responses = {
        each["Properties"]["ResponseType"]: each["Properties"]
        for _, each in stage.resources("AWS::ApiGateway::GatewayResponse")
    }
    assert {"DEFAULT_4XX", "DEFAULT_5XX", "MISSING_AUTHENTICATION_TOKEN"} <= set(responses)
    assert responses["MISSING_AUTHENTICATION_TOKEN"]["StatusCode"] == "404"
    for response in responses.values():
        template = response["ResponseTemplates"]["application/json"]
        filled = template.replace("$context.error.messageString", '"x"')
        assert set(json.loads(filled)) == {"detail"}
        assert "gatewayresponse.header.Access-Control-Allow-Origin" in response["ResponseParameters"]


def test_the_socket_api_has_its_three_routes_on_stage_ws(stage: Synthesised) -> None:
    routes = {each["Properties"]["RouteKey"] for _, each in stage.resources("AWS::ApiGatewayV2::Route")}
    assert routes == {"$connect", "$default", "$disconnect"}
    ((_, answering),) = stage.resources("AWS::ApiGatewayV2::RouteResponse")
    assert answering["Properties"]["RouteResponseKey"] == "$default"
    ((_, socket_stage),) = stage.resources("AWS::ApiGatewayV2::Stage")
    assert socket_stage["Properties"]["StageName"] == "ws"
    assert "AccessLogSettings" in socket_stage["Properties"]


def test_timers_come_from_a_queue_that_reports_what_failed(stage: Synthesised) -> None:
    sources = [each["Properties"] for _, each in stage.resources("AWS::Lambda::EventSourceMapping")]
    (source,) = [each for each in sources if "StartingPosition" not in each]  # the others are streams
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    queues = {each["Properties"]["QueueName"]: each["Properties"] for _, each in stage.resources("AWS::SQS::Queue")}
    timers = queues[f"cirrus-{stage.stage.name}-timers"]
    assert timers["RedrivePolicy"]["maxReceiveCount"] == 5
    assert timers["VisibilityTimeout"] >= 6 * stage.functions()["timers"]["Timeout"]


@pytest.mark.parametrize(
    ("path", "function"),
    [
        ("/api/v1/auths/signin", "accounts"),
        ("/api/v1/auths/_root", "accounts"),
        ("/api/v1/chats/new", "chats"),
        ("/api/v1/chat/completions", "inference"),
        ("/api/chat/completions", "inference"),
        ("/api/models", "inference"),
        ("/api/v1/models", "inference"),
        ("/api/v1/models/_root", "workspace"),
        ("/api/v1/models/model/profile/image", "workspace"),
        ("/api/v1/prompts/_root", "workspace"),
        ("/api/v1/modelsx", None),
        ("/api/v1/files", "knowledge"),
        ("/api/v1/files/_root", "knowledge"),
        ("/api/v1/files/search", "knowledge"),
        ("/api/v1/files/an-id/content/name.pdf", "knowledge"),
        ("/api/v1/files/an-id/process/status", "inference"),
        ("/api/v1/files/an-id/process/status/x", "knowledge"),
        ("/api/config", "platform"),
        ("/manifest.json", "platform"),
        ("/nothing", None),
    ],
)
def test_a_path_belongs_to_its_function(path: str, function: str | None) -> None:
    assert function_for(path) == function


def test_every_route_lies_below_a_root_of_the_api() -> None:
    assert all(is_api_path(route.path) for route in ROUTES)
