"""Each function's configuration and permissions, read from the templates."""

import json
from typing import Any

import pytest

from infra.constructs.domain_function import Environment
from infra.functions import BY_NAME, FUNCTIONS, READ_WRITE, Table
from infra.synthesis import Synthesised
from shared.settings import Settings
from shared.storage.schema import TABLES

READING = {"dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"}
WRITING = {
    "dynamodb:BatchWriteItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:DeleteItem",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
}
FOLLOWING = {
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
}
ALWAYS = {"logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTraceSegments", "xray:PutTelemetryRecords"}

# The whole of what each function may do, in words of its own so that a change of infra/functions.py shows here too.
# Tables: r(ead), w(rite).
GRANTED: dict[str, dict[str, Any]] = {
    "accounts": {
        "tables": {
            "accounts": "rw",
            "platform": "rw",
            "chats": "rw",
            "knowledge": "rw",
            "realtime": "rw",
            "workspace": "rw",
        },
        "other": {"s3", "secret", "sockets", "invoke ingestion"},
    },
    "chats": {
        "tables": {"accounts": "r", "chats": "rw", "realtime": "rw", "knowledge": "rw", "platform": "r"},
        "other": {"s3", "secret", "sockets", "timers", "invoke chat_index"},
    },
    "chat_changes": {"tables": {"chats": "r"}, "stream": "chats", "other": {"s3", "invoke chat_index", "dead letters"}},
    "chat_index": {"tables": {"chats": "r"}, "other": {"s3", "invoke chat_index", "dead letters"}},
    "workspace": {
        "tables": {"accounts": "r", "knowledge": "r", "platform": "rw", "workspace": "rw"},
        "other": {"s3", "secret"},
    },
    "transfer": {
        "tables": {"accounts": "r", "chats": "rw", "platform": "r", "realtime": "r"},
        "other": {"s3", "secret", "invoke courier"},
    },
    "courier": {
        "tables": {"accounts": "r", "chats": "rw", "knowledge": "rw", "realtime": "rw", "workspace": "r"},
        "other": {"s3", "sockets", "invoke courier", "dead letters"},
    },
    "knowledge": {
        "tables": {"accounts": "r", "knowledge": "rw", "platform": "rw", "chats": "r", "workspace": "rw"},
        "other": {"s3", "secret", "invoke embedder", "invoke extract", "invoke ingestion", "bedrock"},
    },
    "ingestion": {
        "tables": {"accounts": "r", "knowledge": "rw", "platform": "rw", "realtime": "rw"},
        "other": {"s3", "secret", "sockets", "invoke embedder", "bedrock", "executions", "dead letters"},
    },
    "extract": {"tables": {}, "other": set()},
    "ocr": {"tables": {}, "other": set()},
    "embedder": {"tables": {"platform": "rw"}, "other": {"s3", "dead letters"}},
    "platform": {"tables": {"accounts": "r", "platform": "rw", "realtime": "r"}, "other": {"secret"}},
    "inference": {
        "tables": {
            "accounts": "r",
            "chats": "r",
            "knowledge": "rw",
            "platform": "rw",
            "realtime": "rw",
            "workspace": "r",
        },
        "other": {
            "s3",
            "secret",
            "timers",
            "invoke embedder",
            "invoke extract",
            "invoke generate",
            "invoke pulls",
            "bedrock",
        },
    },
    "generate": {
        "tables": {"chats": "rw", "realtime": "rw", "platform": "rw", "knowledge": "rw", "workspace": "r"},
        "other": {
            "s3",
            "secret",
            "sockets",
            "invoke generate",
            "invoke embedder",
            "invoke extract",
            "bedrock",
            "dead letters",
        },
    },
    "pulls": {
        "tables": {"platform": "rw", "realtime": "rw"},
        "other": {"s3", "secret", "sockets", "dead letters"},
    },
    "realtime": {
        "tables": {"accounts": "r", "realtime": "rw"},
        "other": {"secret", "sockets", "timers", "invoke greeter"},
    },
    "greeter": {"tables": {}, "other": {"sockets", "dead letters"}},
    "timers": {
        "tables": {"chats": "rw", "realtime": "rw", "knowledge": "rw", "platform": "rw"},
        "other": {"s3", "sockets", "timers", "invoke pulls", "consume timers"},
    },
}

OTHER: dict[str, set[str]] = {
    "s3": {"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListBucket"},
    "secret": {"secretsmanager:GetSecretValue"},
    "sockets": {"execute-api:ManageConnections"},
    "timers": {"sqs:SendMessage"},
    "dead letters": {"sqs:SendMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl"},
    "consume timers": {
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:ReceiveMessage",
    },
    "invoke chat_index": {"lambda:InvokeFunction"},
    "invoke courier": {"lambda:InvokeFunction"},
    "invoke embedder": {"lambda:InvokeFunction"},
    "invoke extract": {"lambda:InvokeFunction"},
    "invoke generate": {"lambda:InvokeFunction"},
    "invoke greeter": {"lambda:InvokeFunction"},
    "invoke ingestion": {"lambda:InvokeFunction"},
    "invoke pulls": {"lambda:InvokeFunction"},
    "executions": {"states:StartExecution", "states:DescribeExecution", "states:StopExecution"},
    "bedrock": {
        "bedrock:CountTokens",
        "bedrock:InvokeModel",
        "bedrock:InvokeModelWithResponseStream",
        "bedrock:ListFoundationModels",
        "bedrock:ListInferenceProfiles",
        "aws-marketplace:Subscribe",
        "aws-marketplace:Unsubscribe",
        "aws-marketplace:ViewSubscriptions",
    },
}
SUBSCRIBING = {action for action in OTHER["bedrock"] if action.startswith("aws-marketplace:")}

# Where a resource may have a wildcard: actions, how the resource ends, and why.
WILDCARDS = (
    ({"logs:CreateLogStream", "logs:PutLogEvents"}, "", "streams of the function's own log group"),
    ({"xray:PutTraceSegments", "xray:PutTelemetryRecords"}, "*", "X-Ray knows no resources"),
    (
        {"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"},
        "/*",
        "objects of the stage's bucket",
    ),
    (FOLLOWING, "/stream/*", "a stream is named by when it was switched on"),
    ({"states:DescribeExecution", "states:StopExecution"}, "-ingestion:*", "executions of the stage's machine"),
    ({"execute-api:ManageConnections"}, "/ws/*/@connections/*", "connections of the stage's API"),
    (
        {"bedrock:CountTokens", "bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"},
        "/*",
        "any model the admin picks",
    ),
    ({"bedrock:ListFoundationModels", "bedrock:ListInferenceProfiles"}, "*", "list actions know no resources"),
    (SUBSCRIBING, "*", "subscriptions have no resources"),
)


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def statements_of(stage: Synthesised, name: str) -> list[dict[str, Any]]:
    """Everything that the role of a function may do."""
    role = stage.functions()[name]["Role"]["Fn::GetAtt"][0]
    stack = next(where for where, _ in stage.resources("AWS::IAM::Role") if where.endswith(f"/{role}")).split("/")[0]
    found: list[dict[str, Any]] = []
    for where, policy in stage.resources("AWS::IAM::Policy"):
        if where.startswith(f"{stack}/") and {"Ref": role} in policy["Properties"].get("Roles", []):
            found += policy["Properties"]["PolicyDocument"]["Statement"]
    return found


def text(value: Any) -> str:
    """An ARN with its tokens spelled out, to look into."""
    if isinstance(value, str):
        return value
    if "Fn::Join" in value:
        return "".join(text(part) for part in value["Fn::Join"][1])
    return json.dumps(value)


@pytest.mark.parametrize("name", sorted(GRANTED))
def test_a_function_may_do_exactly_what_the_table_says(stage: Synthesised, name: str) -> None:
    statements = statements_of(stage, name)
    assert all(statement["Effect"] == "Allow" for statement in statements)
    granted = {(action, text(r)) for s in statements for action in as_list(s["Action"]) for r in as_list(s["Resource"])}

    tables: dict[str, set[str]] = {}
    for action, resource in granted:
        if action.startswith("dynamodb:"):
            tables.setdefault(resource.split("table/", 1)[1].removeprefix(f"cirrus-{stage.stage.name}-"), set()).add(
                action
            )
    expected = {
        table: (READING if "r" in access else set()) | (WRITING if "w" in access else set())
        for table, access in GRANTED[name]["tables"].items()
    }
    indexed = {schema.name for schema in TABLES if schema.indexed}
    expected |= {f"{table}/index/gsi1": {"dynamodb:Query"} for table in expected.keys() & indexed}
    if followed := GRANTED[name].get("stream"):
        expected[f"{followed}/stream/*"] = FOLLOWING
    assert tables == expected

    other = {action for action, _ in granted if not action.startswith("dynamodb:")}
    assert other == ALWAYS.union(*(OTHER[each] for each in GRANTED[name]["other"]))


def test_the_table_knows_every_function(stage: Synthesised) -> None:
    assert set(GRANTED) == {spec.name for spec in FUNCTIONS} == set(stage.functions())


@pytest.mark.parametrize("name", sorted(GRANTED))
def test_there_is_no_wildcard_without_a_reason(stage: Synthesised, name: str) -> None:
    for statement in statements_of(stage, name):
        actions = set(as_list(statement["Action"]))
        assert not [action for action in actions if "*" in action]
        for resource in (text(each) for each in as_list(statement["Resource"])):
            if "*" in resource:
                reasons = [why for which, end, why in WILDCARDS if actions <= which and resource.endswith(end)]
                assert reasons, f"{name} may {sorted(actions)} on {resource}"


def test_only_bedrock_may_subscribe_to_models_for_a_function(stage: Synthesised) -> None:
    subscribing = [
        statement
        for name in GRANTED
        for statement in statements_of(stage, name)
        if SUBSCRIBING & set(as_list(statement["Action"]))
    ]
    assert len(subscribing) == len([each for each in GRANTED.values() if "bedrock" in each["other"]])
    for statement in subscribing:
        assert set(statement["Action"]) == SUBSCRIBING
        assert statement["Condition"] == {"StringEquals": {"aws:CalledViaLast": "bedrock.amazonaws.com"}}


def test_no_function_asks_for_more_memory_than_a_new_account_may_have(stage: Synthesised) -> None:
    # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    assert {name: each["MemorySize"] for name, each in stage.functions().items() if each["MemorySize"] > 3008} == {}


def test_functions_share_no_role(stage: Synthesised) -> None:
    roles = [json.dumps(function["Role"]) for function in stage.functions().values()]
    assert len(set(roles)) == len(roles)


def test_functions_run_python_313_on_arm_with_traces_and_a_log_group_of_their_own(stage: Synthesised) -> None:
    for name, function in stage.functions().items():
        assert (function["Runtime"], function["Architectures"]) == ("python3.13", ["arm64"]), name
        assert function["TracingConfig"] == {"Mode": "Active"}, name
        assert "Ref" in function["LoggingConfig"]["LogGroup"], name


def test_a_function_knows_only_what_it_has_a_permission_for(stage: Synthesised) -> None:
    for name, function in stage.functions().items():
        spec, variables = BY_NAME[name], function["Environment"]["Variables"]
        tables = {key.removesuffix("_TABLE").lower() for key in variables if key.endswith("_TABLE")}
        assert tables == set(spec.tables), name
        assert ("SECRET_ID" in variables) == spec.secret, name
        assert ("FILES_BUCKET" in variables) == bool(spec.files), name
        assert ("WEBSOCKET_ENDPOINT" in variables) == spec.sockets, name
        assert ("TIMERS_QUEUE_URL" in variables) == spec.timers, name
        assert ("INGESTION_MACHINE" in variables) == spec.machine, name
        assert ("PUBLIC_URL" in variables) == stage.stage.is_local, name


def test_the_settings_of_functions_know_every_variable() -> None:
    libraries = {"powertools_service_name", "pydantic_disable_plugins"}
    known = set(Settings.model_fields) | libraries
    assert set(Environment.__dataclass_fields__) <= known


def test_the_emulator_is_where_local_functions_push_to(synthesised: dict[str, Synthesised]) -> None:
    variables = synthesised["local"].functions()["generate"]["Environment"]["Variables"]
    endpoint = text(variables["WEBSOCKET_ENDPOINT"])
    assert endpoint.startswith("http://127.0.0.1:4566/_aws/execute-api/")
    assert endpoint.endswith("/ws")


def test_answers_run_once_the_index_is_tried_again_and_what_fails_is_handed_over(stage: Synthesised) -> None:
    configured = [each["Properties"] for _, each in stage.resources("AWS::Lambda::EventInvokeConfig")]
    found = sorted((each["MaximumRetryAttempts"], each["MaximumEventAgeInSeconds"]) for each in configured)
    asynchronous = [spec for spec in FUNCTIONS if spec.asynchronous]
    assert found == sorted((spec.retries, 6 * 3600 if spec.retries else 60) for spec in asynchronous)
    assert [spec.name for spec in asynchronous if spec.retries] == ["chat_index", "ingestion"]
    assert all("OnFailure" in each["DestinationConfig"] for each in configured)


def test_the_stream_of_chats_is_read_in_batches_that_are_halved_when_they_fail(stage: Synthesised) -> None:
    (stream,) = [
        each["Properties"]
        for _, each in stage.resources("AWS::Lambda::EventSourceMapping")
        if "StartingPosition" in each["Properties"]
    ]
    (told,) = [
        each["Properties"]["Name"] for _, each in stage.resources("AWS::SSM::Parameter") if "StreamArn" in str(each)
    ]
    assert stream["EventSourceArn"] == f"{{{{resolve:ssm:{told}}}}}"
    assert (stream["BatchSize"], stream["MaximumBatchingWindowInSeconds"]) == (5000, 1)
    assert stream["BisectBatchOnFunctionError"] is True
    assert "OnFailure" in stream["DestinationConfig"]


def test_inference_streams_through_the_web_adapter_on_aws_only(synthesised: dict[str, Synthesised]) -> None:
    for name, stage in synthesised.items():
        function = stage.functions()["inference"]
        adapter = [layer for layer in function["Layers"] if "LambdaAdapterLayerArm64" in text(layer)]
        assert bool(adapter) == (name != "local")
        assert function["Handler"] == "functions/inference/run.sh"
        assert function["Timeout"] == 900
        assert ("AWS_LAMBDA_EXEC_WRAPPER" in function["Environment"]["Variables"]) == (name != "local")


def test_writing_comes_with_reading() -> None:
    assert all(access in ({Table.READ}, READ_WRITE) for spec in FUNCTIONS for access in spec.tables.values())
