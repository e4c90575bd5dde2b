"""The WebSocket API and its functions: connections, their greeting, and timers."""

import json

from aws_cdk import CfnOutput, Duration, RemovalPolicy, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra import names
from infra.acknowledge import acknowledge
from infra.build import Builder
from infra.constructs.domain_function import DomainFunction, log_group
from infra.constructs.gateway_account import GatewayAccount
from infra.constructs.layers import Layers
from infra.functions import BY_NAME
from infra.routes import SOCKET_STAGE
from infra.stage import Stage


class RealtimeStack(Stack):
    """Deployed before the API: it holds the queues and the connections that the API's functions use."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, builder: Builder) -> None:
        super().__init__(scope, construct_id, description=f"Cirrus {stage.name}: WebSocket API, timers")
        self._stage = stage
        api = apigateway.WebSocketApi(self, "Api", api_name=names.named(stage, "realtime"))
        # The one export: a WebSocket API that is replaced has to reach CloudFront and every function that pushes to it.
        self.socket_api_id = self.export_value(api.api_id)
        dead_letters = self._queue("DeadLetters", "dead-letters", retention=Duration.days(14))
        timers = self._queue(
            "Timers",
            "timers",
            retention=Duration.days(1),
            # Six times the consumer's time-out, as Lambda asks.
            visibility=Duration.seconds(6 * BY_NAME["timers"].timeout),
            dead_letters=sqs.DeadLetterQueue(queue=dead_letters, max_receive_count=5),
        )
        layers = Layers(self, stage=stage, builder=builder)
        made = {
            name: DomainFunction(
                self,
                stage=stage,
                spec=BY_NAME[name],
                builder=builder,
                layers=layers,
                socket_api_id=api.api_id,
                dead_letters=dead_letters,
            )
            for name in ("realtime", "greeter", "timers")
        }
        made["timers"].function.add_event_source(
            sources.SqsEventSource(timers, batch_size=10, report_batch_item_failures=True)
        )
        for name, key in (("OnConnect", "$connect"), ("OnFrame", "$default"), ("OnDisconnect", "$disconnect")):
            integration = integrations.WebSocketLambdaIntegration(name, made["realtime"].function)
            # What the function returns for a frame is the frame that answers it.
            api.add_route(key, integration=integration, return_response=key == "$default")
        self._stage_of(api)
        acknowledge(
            api,
            {"APIG4": "A connection is anonymous until the function has checked its token: see functions/realtime."},
        )
        CfnOutput(self, "SocketApiId", value=api.api_id)

    def _stage_of(self, api: apigateway.WebSocketApi) -> None:
        access = log_group(self, "AccessLog", self._stage, f"/aws/apigateway/{names.named(self._stage, 'realtime')}")
        stage = apigateway.WebSocketStage(
            self,
            "Stage",
            web_socket_api=api,
            stage_name=SOCKET_STAGE,
            auto_deploy=True,
            throttle=apigateway.ThrottleSettings(
                rate_limit=self._stage.requests_per_second, burst_limit=2 * self._stage.requests_per_second
            ),
        )
        settings = stage.node.default_child
        assert isinstance(settings, apigateway.CfnStage)
        settings.access_log_settings = apigateway.CfnStage.AccessLogSettingsProperty(
            destination_arn=access.log_group_arn, format=json.dumps(_ACCESS_LOG)
        )
        if not self._stage.is_local:
            stage.node.add_dependency(GatewayAccount(self))

    def _queue(
        self,
        construct_id: str,
        name: str,
        *,
        retention: Duration,
        visibility: Duration | None = None,
        dead_letters: sqs.DeadLetterQueue | None = None,
    ) -> sqs.Queue:
        queue = sqs.Queue(
            self,
            construct_id,
            queue_name=names.named(self._stage, name),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=not self._stage.is_local,
            retention_period=retention,
            visibility_timeout=visibility,
            dead_letter_queue=dead_letters,
            removal_policy=RemovalPolicy.DESTROY,
        )
        if self._stage.is_local:
            acknowledge(queue, {"SQS4": "The emulator speaks plain HTTP on the loopback interface."})
        return queue


_ACCESS_LOG = {
    "requestId": "$context.requestId",
    "time": "$context.requestTimeEpoch",
    "connectionId": "$context.connectionId",
    "route": "$context.routeKey",
    "event": "$context.eventType",
    "status": "$context.status",
    "latency": "$context.integrationLatency",
    "error": "$context.error.message",
}
