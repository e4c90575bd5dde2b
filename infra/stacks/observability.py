"""Alarms, one per kind over the whole stage, and a dashboard where the stage asks for one.

An alarm costs $0.10 a month for every metric it watches, those inside metric math too. So each watches a single metric
that already covers the stage: failed requests at the REST API, throttles of the account (the quota that throttles is
the account's), and the one queue to which everything that works in the background hands what failed.
"""

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra import names
from infra.functions import FUNCTIONS
from infra.stage import Stage

_PERIOD = Duration.minutes(5)


class ObservabilityStack(Stack):
    """Watches the other stacks by name; it may be deployed, changed and deleted on its own."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id, description=f"Cirrus {stage.name}: alarms")
        self._stage = stage
        self._topic = self._alarm_topic()
        api = {"ApiName": names.named(stage, "api")}
        errors = _metric("AWS/ApiGateway", "5XXError", api)
        throttles = _metric("AWS/Lambda", "Throttles", {})
        dead = _metric(
            "AWS/SQS",
            "ApproximateNumberOfMessagesVisible",
            {"QueueName": names.named(stage, "dead-letters")},
            cloudwatch.Stats.MAXIMUM,
        )
        self._alarm("Errors", errors, 5, "Requests fail with a server error: see the functions' logs.")
        self._alarm("Throttles", throttles, 1, "Lambda throttles: raise the account's quota of concurrent executions.")
        self._alarm(
            "DeadLetters",
            dead,
            1,
            "An answer, a greeting, a timer or the index failed for good: read the dead-letters queue.",
        )
        if stage.dashboard:
            self._dashboard(
                [errors, throttles, dead], _metric("AWS/ApiGateway", "Latency", api, cloudwatch.Stats.percentile(95))
            )

    def _alarm_topic(self) -> sns.Topic | None:
        if not self._stage.alarm_email:
            return None
        topic = sns.Topic(self, "Alarms", topic_name=names.named(self._stage, "alarms"), enforce_ssl=True)
        topic.add_subscription(subscriptions.EmailSubscription(self._stage.alarm_email))
        return topic

    def _alarm(self, construct_id: str, metric: cloudwatch.Metric, threshold: int, description: str) -> None:
        alarm = cloudwatch.Alarm(
            self,
            construct_id,
            alarm_name=names.named(self._stage, construct_id.lower()),
            alarm_description=description,
            metric=metric,
            threshold=threshold,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        if self._topic is not None:
            alarm.add_alarm_action(actions.SnsAction(self._topic))

    def _dashboard(self, health: list[cloudwatch.Metric], latency: cloudwatch.Metric) -> None:
        durations = [
            _metric(
                "AWS/Lambda",
                "Duration",
                {"FunctionName": names.named(self._stage, spec.name)},
                cloudwatch.Stats.percentile(95),
            )
            for spec in FUNCTIONS
        ]
        cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=names.named(self._stage, "overview"),
            widgets=[
                [
                    cloudwatch.GraphWidget(title="Failures", left=list(health), width=12),
                    cloudwatch.GraphWidget(title="REST latency, p95", left=[latency], width=12),
                ],
                [cloudwatch.GraphWidget(title="Function duration, p95", left=list(durations), width=24)],
            ],
        )


def _metric(
    namespace: str, name: str, dimensions: dict[str, str], statistic: str = cloudwatch.Stats.SUM
) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=namespace, metric_name=name, dimensions_map=dimensions or None, statistic=statistic, period=_PERIOD
    )
