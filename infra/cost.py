"""What a stage costs: idle, from its templates, and per message, from a model. `python -m infra.cost` prints both.

Prices of us-east-1 in US dollars, November 2026, no free tier: https://aws.amazon.com/pricing/. Idle means that
everything stands and nobody uses it; storage of what people have put in is use.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass

from infra.synthesis import Resource, synthesise

BUDGET = 1.0
"""What a stage may cost idle, a month."""

SECRET, ALARM_METRIC, FAST_ALARM_METRIC, DASHBOARD, ADVANCED_PARAMETER, KEY = 0.40, 0.10, 0.30, 3.00, 0.05, 1.00
SQS_REQUEST = 0.40 / 1e6
# Lambda keeps five long polls of 20 s open on a standard queue:
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
QUEUE_POLLS = 5 * 3 * 60 * 730


class UnknownPrice(LookupError):
    """A template has something whose idle price nobody has looked up."""


@dataclass(frozen=True)
class Item:
    """What one resource costs a month, idle."""

    resource: str
    what: str
    price: float


def _free(resource: Resource) -> float:
    return 0.0


def _alarm(resource: Resource) -> float:
    properties = resource["Properties"]
    metrics = [metric["MetricStat"] for metric in properties.get("Metrics", []) if "MetricStat" in metric]
    if metrics:
        return sum(FAST_ALARM_METRIC if each["Period"] < 60 else ALARM_METRIC for each in metrics)
    return FAST_ALARM_METRIC if properties["Period"] < 60 else ALARM_METRIC


def _event_source(resource: Resource) -> float:
    source = str(resource["Properties"].get("EventSourceArn", ""))
    if "dynamodb-stream" in source:
        return 0.0  # what Lambda reads of a stream: https://aws.amazon.com/dynamodb/pricing/on-demand/
    if "FunctionResponseTypes" not in resource["Properties"] or "stream" in source.lower():
        raise UnknownPrice(f"an event source other than a queue or a table's stream: {source}")
    return QUEUE_POLLS * SQS_REQUEST


def _function(resource: Resource) -> float:
    if resource["Properties"].get("SnapStart", {}).get("ApplyOn") == "PublishedVersions":
        raise UnknownPrice("SnapStart: its cache is paid by the hour")
    return 0.0


def _table(resource: Resource) -> float:
    if resource["Properties"].get("BillingMode") != "PAY_PER_REQUEST":
        raise UnknownPrice("a table with provisioned capacity")
    return 0.0


def _collection_group(resource: Resource) -> float:
    limits = resource["Properties"].get("CapacityLimits", {})
    least = [limits.get(f"Min{kind}CapacityInOcu", 1) for kind in ("Indexing", "Search")]
    if resource["Properties"].get("Generation") != "NEXTGEN" or any(least):
        raise UnknownPrice("a collection group that does not scale to zero")
    return 0.0


def _collection(resource: Resource) -> float:
    if not resource["Properties"].get("CollectionGroupName"):
        raise UnknownPrice("a collection of no group, which does not scale to zero")
    return 0.0


def _parameter(resource: Resource) -> float:
    return ADVANCED_PARAMETER if resource["Properties"].get("Tier") == "Advanced" else 0.0


def _stage(resource: Resource) -> float:
    if resource["Properties"].get("CacheClusterEnabled"):
        raise UnknownPrice("API Gateway's cache is paid by the hour")
    return 0.0


PRICES: dict[str, Callable[[Resource], float]] = {
    "AWS::ApiGateway::Account": _free,
    "AWS::ApiGateway::Deployment": _free,
    "AWS::ApiGateway::GatewayResponse": _free,
    "AWS::ApiGateway::Method": _free,
    "AWS::ApiGateway::Resource": _free,
    "AWS::ApiGateway::RestApi": _free,
    "AWS::ApiGateway::Stage": _stage,
    "AWS::ApiGatewayV2::Api": _free,
    "AWS::ApiGatewayV2::Integration": _free,
    "AWS::ApiGatewayV2::Route": _free,
    "AWS::ApiGatewayV2::RouteResponse": _free,
    "AWS::ApiGatewayV2::Stage": _free,
    "AWS::CloudFront::Distribution": _free,
    "AWS::CloudFront::Function": _free,
    "AWS::CloudFront::OriginAccessControl": _free,
    "AWS::CloudFront::ResponseHeadersPolicy": _free,
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::CloudWatch::Dashboard": lambda resource: DASHBOARD,
    "AWS::DynamoDB::Table": _table,
    "AWS::Events::Rule": _free,
    "AWS::IAM::Policy": _free,
    "AWS::IAM::Role": _free,
    "AWS::KMS::Key": lambda resource: KEY,
    "AWS::Lambda::EventInvokeConfig": _free,
    "AWS::Lambda::EventSourceMapping": _event_source,
    "AWS::Lambda::Function": _function,
    "AWS::Lambda::LayerVersion": _free,
    "AWS::Lambda::Permission": _free,
    "AWS::Logs::LogGroup": _free,
    "AWS::OpenSearchServerless::AccessPolicy": _free,
    "AWS::OpenSearchServerless::Collection": _collection,
    "AWS::OpenSearchServerless::CollectionGroup": _collection_group,
    "AWS::OpenSearchServerless::SecurityPolicy": _free,
    "AWS::S3::Bucket": _free,
    "AWS::S3::BucketPolicy": _free,
    "AWS::SNS::Subscription": _free,
    "AWS::SNS::Topic": _free,
    "AWS::SNS::TopicPolicy": _free,
    "AWS::SQS::Queue": _free,
    "AWS::SQS::QueuePolicy": _free,
    "AWS::SSM::Parameter": _parameter,
    "AWS::StepFunctions::StateMachine": _free,
    "AWS::SecretsManager::Secret": lambda resource: SECRET,
    "Custom::AWS": _free,
    "Custom::CDKBucketDeployment": _free,
    "Custom::S3AutoDeleteObjects": _free,
}
"""The idle price of each type of resource, a month."""


def idle(resources: list[tuple[str, Resource]]) -> list[Item]:
    """What each resource costs a month, idle; raises `UnknownPrice` for one that is not in the table."""
    items = []
    for name, resource in resources:
        price = PRICES.get(resource["Type"])
        if price is None:
            raise UnknownPrice(f"{resource['Type']} ({name}) has no price in infra/cost.py: look it up and add it")
        items.append(Item(name, resource["Type"], price(resource)))
    return items


@dataclass(frozen=True)
class Use:
    """A part of the usage model: so many units of something."""

    what: str
    units: float
    unit_price: float

    @property
    def price(self) -> float:
        """In dollars."""
        return self.units * self.unit_price


GB_SECOND, LAMBDA_REQUEST, REST_REQUEST = 0.0000133334, 0.20 / 1e6, 3.50 / 1e6
SOCKET_MESSAGE, SOCKET_MINUTE = 1.00 / 1e6, 0.25 / 1e6
TABLE_WRITE, TABLE_READ = 0.625 / 1e6, 0.125 / 1e6
S3_WRITE, S3_READ = 5.00 / 1e6, 0.40 / 1e6
EDGE_REQUEST, EDGE_FUNCTION, EDGE_GB, LOG_GB, TRACE = 1.00 / 1e6, 0.10 / 1e6, 0.085, 0.50, 5.00 / 1e6

TRANSITION = 25.00 / 1e6

ANSWER_SECONDS, DELTAS, LOG_WRITES = 10, 95, 20
"""The message of the model: 500 tokens at 50 a second, to one open tab; its stream log is written every 500 ms."""


def usage() -> list[Use]:
    """What 1,000 messages (question and answer) cost beside the model that answers them."""
    each = [
        Use("Lambda: the worker, 10 s at 1 GB", ANSWER_SECONDS * 1.0, GB_SECOND),
        Use("Lambda: requests and frames, 0.3 s at 1 GB", 0.3, GB_SECOND),
        Use("Lambda: invocations", 8, LAMBDA_REQUEST),
        Use("REST API: requests", 3, REST_REQUEST),
        Use("WebSocket API: frames", DELTAS + 6, SOCKET_MESSAGE),
        Use("WebSocket API: minutes, two per message", 2, SOCKET_MINUTE),
        Use("DynamoDB: writes, 1 KB", LOG_WRITES + 20, TABLE_WRITE),
        Use("DynamoDB: reads, 4 KB", 60, TABLE_READ),
        Use("SQS: requests of the watchdog", 4, SQS_REQUEST),
        Use("Lambda: the search index, 0.5 s", 0.5, GB_SECOND),
        Use("S3: the search index, writes", 4, S3_WRITE),
        Use("S3: the search index, reads", 6, S3_READ),
        Use("CloudFront: requests", 4, EDGE_REQUEST + EDGE_FUNCTION),
        Use("CloudFront: 60 KB to the viewer", 60 / 1e6, EDGE_GB),
        Use("CloudWatch: 6 KB of logs", 6 / 1e6, LOG_GB),
        Use("X-Ray: 5 % of the requests", 0.05 * 8, TRACE),
    ]
    return [Use(part.what, 1000 * part.units, part.unit_price) for part in each]


def main() -> int:
    """Prints the idle table of `dev` and `prod` and the usage model; 1 when a stage is over the budget."""
    worst = 0.0
    for name in ("dev", "prod"):
        items = idle(synthesise(name).resources())
        total = sum(item.price for item in items)
        worst = max(worst, total)
        print(f"Idle, {name}: ${total:.2f} a month ({len(items)} resources, those that cost something below)")
        for item in items:
            if item.price:
                print(f"  ${item.price:5.2f}  {item.what}  {item.resource}")
    parts = usage()
    print(f"\nUse, 1,000 messages: ${sum(part.price for part in parts):.2f} (an estimate, without the model)")
    for part in sorted(parts, key=lambda part: -part.price):
        print(f"  ${part.price:6.4f}  {part.what}: {part.units:,.3f} at ${part.unit_price:.10f}".rstrip("0"))
    return 0 if worst <= BUDGET else 1


if __name__ == "__main__":
    sys.exit(main())
