"""The IAM statements of a function, out of its `FunctionSpec`, with the reason for each wildcard."""

from aws_cdk import ArnFormat, Stack

from infra import names, search
from infra.functions import (
    BEDROCK_INVOKE_ACTIONS,
    BEDROCK_LIST_ACTIONS,
    FILES_LIST_ACTION,
    FILES_READ_ACTIONS,
    FILES_WRITE_ACTIONS,
    MARKETPLACE_ACTIONS,
    READ_ACTIONS,
    STREAM_ACTIONS,
    WRITE_ACTIONS,
    FunctionSpec,
    Table,
)
from infra.grant import Grant, allow
from infra.routes import SOCKET_STAGE
from infra.stage import Stage
from shared.storage.schema import INDEX, TABLES, table_name

_SCHEMAS = {schema.name: schema for schema in TABLES}


_OBJECTS = "Object keys are made at run time; the bucket holds this stage's files only."
_CONNECTIONS = "API Gateway makes connection ids at run time; the statement names this stage's one WebSocket API."
_MODELS = "An admin picks models in the app: any of the account's, and a profile may lead to any region."
_STREAMS = "DynamoDB names a table's stream by the time it was switched on."
_EXECUTIONS = "An execution is named when it is started; the statement names this stage's one state machine."
_LISTS = "Bedrock's list actions know no resources."
_SUBSCRIPTIONS = "Marketplace's actions on subscriptions know no resources; only Bedrock may use them, for the role."


def _access(actions: frozenset[Table], read: tuple[str, ...], write: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted((read if Table.READ in actions else ()) + (write if Table.WRITE in actions else ())))


def _tables(stack: Stack, stage: Stage, spec: FunctionSpec) -> list[Grant]:
    statements = []
    for name, access in sorted(spec.tables.items()):
        schema = _SCHEMAS[name]
        table = stack.format_arn(service="dynamodb", resource="table", resource_name=table_name(stage.name, schema))
        statements.append(allow(_access(access, READ_ACTIONS, WRITE_ACTIONS), table))
        if schema.indexed and Table.READ in access:
            statements.append(allow(("dynamodb:Query",), f"{table}/index/{INDEX}"))
        if spec.follows == name:
            statements.append(allow(STREAM_ACTIONS, f"{table}/stream/*", reason=_STREAMS))
    return statements


def _files(stage: Stage, spec: FunctionSpec) -> list[Grant]:
    if not spec.files:
        return []
    bucket = f"arn:aws:s3:::{names.files_bucket(stage)}"
    return [
        allow(_access(spec.files, FILES_READ_ACTIONS, FILES_WRITE_ACTIONS), f"{bucket}/*", reason=_OBJECTS),
        allow((FILES_LIST_ACTION,), bucket),
    ]


def grants(stack: Stack, stage: Stage, spec: FunctionSpec, socket_api_id: str) -> list[Grant]:
    """Everything `spec` may do in `stage`, beside writing its own log and traces."""
    result = _tables(stack, stage, spec) + _files(stage, spec)
    colon = ArnFormat.COLON_RESOURCE_NAME
    if spec.secret:
        # Secrets Manager appends six characters of its own to the name.
        secret = stack.format_arn(
            service="secretsmanager",
            resource="secret",
            resource_name=f"{names.named(stage, 'keys')}-??????",
            arn_format=colon,
        )
        result.append(allow(("secretsmanager:GetSecretValue",), secret))
    for name in spec.invokes:
        function = stack.format_arn(
            service="lambda", resource="function", resource_name=names.named(stage, name), arn_format=colon
        )
        result.append(allow(("lambda:InvokeFunction",), function))
    if spec.sockets:
        connections = f"{SOCKET_STAGE}/*/@connections/*"
        api = stack.format_arn(service="execute-api", resource=socket_api_id, resource_name=connections)
        result.append(allow(("execute-api:ManageConnections",), api, reason=_CONNECTIONS))
    if spec.timers:
        result.append(
            allow(("sqs:SendMessage",), stack.format_arn(service="sqs", resource=names.named(stage, "timers")))
        )
    if spec.search:
        result += search.grants(stack, stage)
    if spec.machine:
        machine, executions = (
            stack.format_arn(service="states", resource=kind, resource_name=name, arn_format=colon)
            for kind, name in (
                ("stateMachine", names.named(stage, "ingestion")),
                ("execution", f"{names.named(stage, 'ingestion')}:*"),
            )
        )
        result.append(allow(("states:StartExecution",), machine))
        result.append(allow(("states:DescribeExecution", "states:StopExecution"), executions, reason=_EXECUTIONS))
    if spec.bedrock:
        profiles = f"arn:aws:bedrock:*:{stack.account}:"
        models = (
            "arn:aws:bedrock:*::foundation-model/*",
            f"{profiles}inference-profile/*",
            f"{profiles}application-inference-profile/*",
        )
        result.append(allow(BEDROCK_INVOKE_ACTIONS, *models, reason=_MODELS))
        result.append(allow(BEDROCK_LIST_ACTIONS, "*", reason=_LISTS))
        result.append(allow(MARKETPLACE_ACTIONS, "*", reason=_SUBSCRIPTIONS, called_via="bedrock.amazonaws.com"))
    return result
