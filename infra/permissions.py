"""The IAM statements of a function, out of its `FunctionSpec`."""

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam

from infra import names
from infra.functions import (
    BEDROCK_INVOKE_ACTIONS,
    BEDROCK_LIST_ACTIONS,
    FILES_LIST_ACTION,
    FILES_READ_ACTIONS,
    FILES_WRITE_ACTIONS,
    READ_ACTIONS,
    WRITE_ACTIONS,
    FunctionSpec,
    Table,
)
from infra.routes import SOCKET_STAGE
from infra.stage import Stage
from shared.storage.schema import INDEX, TABLES, table_name

_SCHEMAS = {schema.name: schema for schema in TABLES}


def _allow(actions: tuple[str, ...], *resources: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=list(actions), resources=list(resources))


def _access(actions: frozenset[Table], read: tuple[str, ...], write: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted((read if Table.READ in actions else ()) + (write if Table.WRITE in actions else ())))


def _tables(stack: Stack, stage: Stage, spec: FunctionSpec) -> list[iam.PolicyStatement]:
    statements = []
    for name, access in sorted(spec.tables.items()):
        schema = _SCHEMAS[name]
        table = stack.format_arn(service="dynamodb", resource="table", resource_name=table_name(stage.name, schema))
        statements.append(_allow(_access(access, READ_ACTIONS, WRITE_ACTIONS), table))
        if schema.indexed and Table.READ in access:
            statements.append(_allow(("dynamodb:Query",), f"{table}/index/{INDEX}"))
    return statements


def _files(stage: Stage, spec: FunctionSpec) -> list[iam.PolicyStatement]:
    if not spec.files:
        return []
    bucket = f"arn:aws:s3:::{names.files_bucket(stage)}"
    return [
        _allow(_access(spec.files, FILES_READ_ACTIONS, FILES_WRITE_ACTIONS), f"{bucket}/*"),
        _allow((FILES_LIST_ACTION,), bucket),
    ]


def statements(stack: Stack, stage: Stage, spec: FunctionSpec, socket_api_id: str) -> list[iam.PolicyStatement]:
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
        result.append(_allow(("secretsmanager:GetSecretValue",), secret))
    for name in spec.invokes:
        function = stack.format_arn(
            service="lambda", resource="function", resource_name=names.named(stage, name), arn_format=colon
        )
        result.append(_allow(("lambda:InvokeFunction",), function))
    if spec.sockets:
        connections = f"{SOCKET_STAGE}/*/@connections/*"
        api = stack.format_arn(service="execute-api", resource=socket_api_id, resource_name=connections)
        result.append(_allow(("execute-api:ManageConnections",), api))
    if spec.timers:
        result.append(_allow(("sqs:SendMessage",), stack.format_arn(service="sqs", resource=names.named(stage, "timers"))))
    if spec.bedrock:
        models = [
            f"arn:aws:bedrock:*::foundation-model/*",
            f"arn:aws:bedrock:*:{stack.account}:inference-profile/*",
        ]
        result += [_allow(BEDROCK_INVOKE_ACTIONS, *models), _allow(BEDROCK_LIST_ACTIONS, "*")]
    return result


REASONS: dict[str, str] = {
    "files": "Object keys are made at run time; the bucket holds this stage's files only.",
    "sockets": "Connection ids are made by API Gateway at run time; the statement names this stage's one WebSocket API.",
    "bedrock": "People pick models in the app: any model or inference profile of this account, of which a profile may lead to any region.",
    "traces": "X-Ray's write actions know no resources.",
}
"""Why a statement needs its wildcard, by what the function does."""
