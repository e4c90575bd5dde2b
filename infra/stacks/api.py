"""The REST API and the functions of its domains."""

import json

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from infra import names
from infra.acknowledge import acknowledge
from infra.build import Builder
from infra.constructs.domain_function import DomainFunction, log_group
from infra.constructs.layers import Layers
from infra.constructs.search_access import SearchAccess
from infra.functions import BY_NAME
from infra.routes import API_STAGE, ROUTES
from infra.stage import Stage

_FUNCTIONS = (
    "accounts",
    "chats",
    "chat_changes",
    "chat_index",
    "workspace",
    "transfer",
    "courier",
    "knowledge",
    "embedder",
    "platform",
    "inference",
    "generate",
    "pulls",
)


class ApiStack(Stack):
    """Per domain its base paths and everything below them; unknown paths are answered 404 in the contract's shape."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        builder: Builder,
        socket_api_id: str,
        chats_stream: str,
    ) -> None:
        super().__init__(scope, construct_id, description=f"Cirrus {stage.name}: REST API and its functions")
        self._stage = stage
        dead_letters = sqs.Queue.from_queue_arn(
            self, "DeadLetters", self.format_arn(service="sqs", resource=names.named(stage, "dead-letters"))
        )
        layers = Layers(self, stage=stage, builder=builder)
        self._functions = {
            name: DomainFunction(
                self,
                stage=stage,
                spec=BY_NAME[name],
                builder=builder,
                layers=layers,
                socket_api_id=socket_api_id,
                dead_letters=dead_letters,
            )
            for name in _FUNCTIONS
        }
        if SearchAccess.is_needed(stage):
            searching = [made.role for name, made in self._functions.items() if BY_NAME[name].search]
            SearchAccess(self, stage=stage, part="api", roles=searching)
        # Schedules on the default event bus cost nothing. A round that fails is made up for by the next.
        events.Rule(
            self,
            "Housekeeping",
            description="Finishes removals and deletions that something interrupted",
            schedule=events.Schedule.rate(Duration.hours(1)),
            targets=[targets.LambdaFunction(self._functions["accounts"].function, retry_attempts=0)],
        )
        self._follow_chats(chats_stream, dead_letters)
        api = self._api()
        self._gateway_responses(api)
        self._routes(api)
        acknowledge(api, _REASONS)
        resource = api.node.default_child
        assert isinstance(resource, apigateway.CfnRestApi)
        self.told_api_id = names.of_this("rest-api-id", resource)
        """The parameter that holds the REST API's id."""
        ssm.StringParameter(
            self, "ApiId", parameter_name=names.parameter(stage, self.told_api_id), string_value=api.rest_api_id
        )
        CfnOutput(self, "RestApiId", value=api.rest_api_id)
        CfnOutput(self, "RestApiStage", value=API_STAGE)

    def _follow_chats(self, stream: str, dead_letters: sqs.IQueue) -> None:
        """Has the chats table's stream invoke chat_changes. Lambda's reading of a stream costs nothing, a queue's does.

        Order holds within a chat; the writer does not depend on any.
        """
        lambda_.EventSourceMapping(
            self,
            "ChatsStream",
            target=self._functions["chat_changes"].function,
            event_source_arn=names.parameter_value(self._stage, stream),
            starting_position=lambda_.StartingPosition.TRIM_HORIZON,
            # All there is, up to Lambda's 6 MB: a person's shard is rewritten once for a batch.
            batch_size=5000,
            # What one save writes, and what follows it at once, is indexed together.
            max_batching_window=Duration.seconds(1),
            filters=[
                lambda_.FilterCriteria.filter(
                    {"dynamodb": {"Keys": {"pk": {"S": lambda_.FilterRule.begins_with("CHAT#")}}}}
                )
            ],
            bisect_batch_on_error=True,
            retry_attempts=20,
            max_record_age=Duration.hours(6),
            on_failure=sources.SqsDlq(dead_letters),
        )

    def _api(self) -> apigateway.RestApi:
        name = names.named(self._stage, "api")
        access = log_group(self, "AccessLog", self._stage, f"/aws/apigateway/{name}")
        return apigateway.RestApi(
            self,
            "Api",
            rest_api_name=name,
            endpoint_types=[apigateway.EndpointType.REGIONAL],
            cloud_watch_role=False,
            binary_media_types=["*/*"],
            deploy_options=apigateway.StageOptions(
                stage_name=API_STAGE,
                tracing_enabled=True,
                throttling_rate_limit=self._stage.requests_per_second,
                throttling_burst_limit=2 * self._stage.requests_per_second,
                access_log_destination=apigateway.LogGroupLogDestination(access),
                access_log_format=apigateway.AccessLogFormat.custom(json.dumps(_ACCESS_LOG)),
            ),
        )

    def _routes(self, api: apigateway.RestApi) -> None:
        made = {
            name: apigateway.LambdaIntegration(
                function.function,
                scope_permission_to_method=False,
                timeout=Duration.seconds(function.function.timeout.to_seconds() if function.function.timeout else 29),
                response_transfer_mode=apigateway.ResponseTransferMode.STREAM
                if BY_NAME[name].streams and not self._stage.is_local
                else None,
            )
            for name, function in self._functions.items()
            if any(route.function == name for route in ROUTES)
        }
        for route in ROUTES:
            resource = api.root.resource_for_path(route.path)
            if route.itself:
                resource.add_method("ANY", made[route.function])
            if route.below:
                resource.add_resource("{proxy+}").add_method("ANY", made[route.function])

    def _gateway_responses(self, api: apigateway.RestApi) -> None:
        for response_type, status, detail in _GATEWAY_RESPONSES:
            api.add_gateway_response(
                f"{response_type.response_type.title().replace('_', '')}Response",
                type=response_type,
                status_code=status,
                response_headers={
                    "Access-Control-Allow-Origin": "'*'",
                    "Access-Control-Allow-Headers": "'*'",
                    "Access-Control-Allow-Methods": "'*'",
                },
                templates={"application/json": f'{{"detail":{detail}}}'},
            )


_ACCESS_LOG = {
    "requestId": "$context.requestId",
    "time": "$context.requestTimeEpoch",
    "method": "$context.httpMethod",
    "path": "$context.path",
    "status": "$context.status",
    "latency": "$context.responseLatency",
    "integrationLatency": "$context.integrationLatency",
    "bytes": "$context.responseLength",
    "error": "$context.error.message",
}

_TYPE = apigateway.ResponseType
_GATEWAY_RESPONSES = (
    (_TYPE.DEFAULT_4_XX, None, "$context.error.messageString"),
    (_TYPE.DEFAULT_5_XX, None, '"The server could not answer. Try again in a moment."'),
    # API Gateway says 403 where a path has no method.
    (_TYPE.MISSING_AUTHENTICATION_TOKEN, "404", '"Not Found"'),
    (_TYPE.REQUEST_TOO_LARGE, "413", '"The request is too large."'),
    (_TYPE.THROTTLED, "429", '"Too many requests. Try again in a moment."'),
    (_TYPE.INTEGRATION_TIMEOUT, "504", '"The server took too long to answer. Try again."'),
)

_AUTHORIZED = (
    "Functions check tokens and sessions themselves: signing out has to hold at once, which no authorizer's cache does."
)
_REASONS = {
    "APIG2": "The functions validate requests with Pydantic and answer in the contract's shape.",
    "APIG3": "A web ACL costs $5 a month idle; the stage throttles.",
    "APIG4": _AUTHORIZED,
    "COG4": _AUTHORIZED,
    "APIG6": "Access logs and the functions' own say what happened; execution logs would hold what people write.",
}
