"""A domain's Lambda function: its own role, log group, layers, environment and traces."""

from dataclasses import dataclass, fields

from aws_cdk import Duration, RemovalPolicy, Size, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra import names, permissions, search
from infra.acknowledge import acknowledge, wildcard_resource
from infra.build import Builder
from infra.constructs.layers import Layers
from infra.functions import FunctionSpec
from infra.grant import Grant
from infra.stage import Stage
from shared.storage.schema import TABLES, table_name

WEB_ADAPTER_ACCOUNT, WEB_ADAPTER_VERSION, WEB_ADAPTER_PORT = "753240598075", 26, "8080"
"""https://awslabs.github.io/aws-lambda-web-adapter/getting-started/zip-packages.html"""

_EVERYTHING = "IAM5[Resource::*]"
_TRACES = "X-Ray's write actions know no resources."
_RUNTIME = "The runtime that layers are resolved and tested for; a newer one is a change of its own."

_RETENTION = {
    1: logs.RetentionDays.ONE_DAY,
    14: logs.RetentionDays.TWO_WEEKS,
    30: logs.RetentionDays.ONE_MONTH,
    90: logs.RetentionDays.THREE_MONTHS,
}


@dataclass(frozen=True)
class Environment:
    """The environment of a function, as `shared.settings` and libraries read it; what is empty is left out."""

    stage: str
    log_level: str
    powertools_service_name: str
    accounts_table: str = ""
    chats_table: str = ""
    knowledge_table: str = ""
    realtime_table: str = ""
    platform_table: str = ""
    workspace_table: str = ""
    files_bucket: str = ""
    secret_id: str = ""
    origin_secret: str = ""
    generate_function: str = ""
    greeter_function: str = ""
    courier_function: str = ""
    pulls_function: str = ""
    chat_index_function: str = ""
    embedder_function: str = ""
    extract_function: str = ""
    ingestion_function: str = ""
    ingestion_machine: str = ""
    search_backend: str = ""
    search_folder: str = ""
    search_endpoint: str = ""
    search_sign: str = ""
    search_secret_id: str = ""
    search_engine: str = ""
    vectors_table: str = ""
    timers_queue_url: str = ""
    model_hub: str = ""
    websocket_endpoint: str = ""
    public_url: str = ""
    pydantic_disable_plugins: str = "1"
    """There are none, and to look for them pydantic reads the metadata of every package at each cold start."""

    def variables(self) -> dict[str, str]:
        """The variables by name."""
        values = {field.name.upper(): str(getattr(self, field.name)) for field in fields(self)}
        return {name: value for name, value in values.items() if value}


def environment_of(stage: Stage, spec: FunctionSpec, socket_api_id: str) -> Environment:
    """What `spec` is told: only what it has a permission for."""
    tables = {f"{schema.name}_table": table_name(stage.name, schema) for schema in TABLES if schema.name in spec.tables}
    invoked = {f"{name}_function": names.named(stage, name) for name in spec.invokes}
    return Environment(
        stage=stage.name,
        log_level=stage.log_level,
        powertools_service_name=spec.name,
        files_bucket=names.files_bucket(stage) if spec.files else "",
        secret_id=names.named(stage, "keys") if spec.secret else "",
        origin_secret=names.origin_secret(stage) if spec.viewer else "",
        timers_queue_url=names.queue_url(stage, "timers") if spec.timers else "",
        ingestion_machine=names.state_machine(stage, "ingestion") if spec.machine else "",
        model_hub=stage.model_hub if "onnx" in spec.layers else "",
        websocket_endpoint=names.socket_endpoint(stage, socket_api_id) if spec.sockets else "",
        public_url=stage.local.public_url if stage.local is not None else "",
        **(search.variables(stage) if spec.search else {}),
        **tables,
        **invoked,
    )


def retention(stage: Stage) -> logs.RetentionDays:
    """How long this stage keeps logs."""
    return _RETENTION[stage.log_retention_days]


def log_group(scope: Construct, construct_id: str, stage: Stage, name: str) -> logs.LogGroup:
    """A log group with the stage's retention; logs go with their stack."""
    return logs.LogGroup(
        scope, construct_id, log_group_name=name, retention=retention(stage), removal_policy=RemovalPolicy.DESTROY
    )


class DomainFunction(Construct):
    """The Lambda function that `spec` describes. An asynchronous one hands what fails to `dead_letters`."""

    def __init__(
        self,
        scope: Construct,
        *,
        stage: Stage,
        spec: FunctionSpec,
        builder: Builder,
        layers: Layers,
        socket_api_id: str,
        dead_letters: sqs.IQueue | None = None,
    ) -> None:
        super().__init__(scope, f"{spec.name.capitalize()}Function")
        self._stage, self._spec = stage, spec
        stack = Stack.of(self)
        function_name = names.named(stage, spec.name)
        group = log_group(self, "Log", stage, f"/aws/lambda/{function_name}")
        self.role = self._role(group, permissions.grants(stack, stage, spec, socket_api_id))
        variables = environment_of(stage, spec, socket_api_id).variables()
        used = layers.of(spec)
        if spec.streams and not stage.is_local:
            variables |= {
                "AWS_LAMBDA_EXEC_WRAPPER": "/opt/bootstrap",
                "AWS_LWA_INVOKE_MODE": "response_stream",
                "PORT": WEB_ADAPTER_PORT,
                "AWS_LWA_READINESS_CHECK_PROTOCOL": "tcp",
            }
            used = [*used, self._web_adapter(stack)]
        self.function = lambda_.Function(
            self,
            "Lambda",
            function_name=function_name,
            description=f"Cirrus {stage.name}: {spec.name}",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            handler=spec.entry,
            code=builder.function_code(spec),
            layers=used,
            memory_size=spec.memory,
            timeout=Duration.seconds(spec.timeout),
            ephemeral_storage_size=Size.mebibytes(spec.disk) if spec.disk != 512 else None,
            role=self.role,
            environment=variables,
            log_group=group,
            tracing=lambda_.Tracing.ACTIVE,
            recursive_loop=lambda_.RecursiveLoop.ALLOW if spec.rearms else None,
            reserved_concurrent_executions=stage.reserved_concurrency.get(spec.name),
        )
        if spec.asynchronous:
            if dead_letters is None:
                raise ValueError(f"{spec.name} is asynchronous and needs a dead-letter queue")
            self.function.configure_async_invoke(
                retry_attempts=spec.retries,
                max_event_age=Duration.hours(6) if spec.retries else Duration.seconds(60),
                on_failure=destinations.SqsDestination(dead_letters),
            )

    def _role(self, group: logs.ILogGroup, granted: list[Grant]) -> iam.Role:
        principal: iam.IPrincipal = iam.ServicePrincipal("lambda.amazonaws.com")
        if self._stage.is_local and self._spec.streams:
            # Locally it is a process of its own, which assumes this role.
            principal = iam.CompositePrincipal(principal, iam.AccountRootPrincipal())
        role = iam.Role(self, "Role", assumed_by=principal)
        log = Grant(("logs:CreateLogStream", "logs:PutLogEvents"), (group.log_group_arn,))
        for grant in [log, *granted]:
            role.add_to_policy(grant.statement)
        stack = Stack.of(self)
        reasons = {
            wildcard_resource(stack, resource): grant.reason
            for grant in granted
            for resource in grant.resources
            if "*" in resource
        }
        # "Resource::*" is one finding, whichever statements lead to it.
        everything = [grant.reason for grant in granted if "*" in grant.resources]
        acknowledge(self, reasons | {_EVERYTHING: " ".join([*everything, _TRACES]), "L1": _RUNTIME})
        return role

    def _web_adapter(self, stack: Stack) -> lambda_.ILayerVersion:
        arn = f"arn:aws:lambda:{stack.region}:{WEB_ADAPTER_ACCOUNT}:layer:LambdaAdapterLayerArm64:{WEB_ADAPTER_VERSION}"
        return lambda_.LayerVersion.from_layer_version_arn(self, "WebAdapter", arn)
