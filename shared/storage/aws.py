"""AWS clients, one of each per process. boto3 reads region, credentials and `AWS_ENDPOINT_URL` itself."""

from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.parsers import JSONParser, ResponseParser, ResponseParserFactory

from shared.settings import settings
from shared.storage import conflicts

if TYPE_CHECKING:
    from botocore.credentials import Credentials
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient

# Fail fast enough that an answer's first round trips stay inside what a person waits for; botocore retries within it.
CONFIG = Config(
    connect_timeout=3, read_timeout=15, retries={"mode": "standard", "max_attempts": 4}, max_pool_connections=32
)


class _ItemParser(JSONParser):
    """Takes the scalars of table items as they came, where botocore looks for ten kinds of value in each of them.

    That look is most of the time of reading a page of a list.
    """

    def _handle_map(self, shape: Any, value: Any) -> Any:
        if shape.value.name != "AttributeValue":
            return super()._handle_map(shape, value)  # type: ignore[misc]  # the stubs leave it out
        return {name: self._attribute(shape.value, one) for name, one in value.items()}

    def _attribute(self, shape: Any, value: Any) -> Any:
        scalar = len(value) == 1 and next(iter(value)) in ("S", "N", "BOOL", "NULL")
        return value if scalar else self._parse_shape(shape, value)  # type: ignore[attr-defined]


class _Parsers(ResponseParserFactory):
    def create_parser(self, protocol_name: str) -> ResponseParser:
        # The defaults make dates and blobs of what a service sends; botocore sets them before it makes a parser.
        defaults: dict[str, Any] = self._defaults  # type: ignore[attr-defined]
        return _ItemParser(**defaults) if protocol_name == "json" else super().create_parser(protocol_name)


@cache
def _session() -> boto3.Session:
    session = botocore.session.get_session()
    session.register_component("response_parser_factory", _Parsers())
    return boto3.Session(botocore_session=session)


def credentials() -> "Credentials | None":
    """What requests are signed with that no client of boto3 makes."""
    return _session().get_credentials()


@cache
def dynamodb() -> "DynamoDBClient":
    """The DynamoDB client, pynamodb's too; what is sent to it is not checked against the service's model first."""
    config = CONFIG.merge(Config(parameter_validation=False))
    client = _session().client("dynamodb", config=config, region_name=settings().aws_region)
    conflicts.send_again(client)
    return client


@cache
def s3() -> "S3Client":
    """The S3 client."""
    config = CONFIG.merge(
        Config(s3={"addressing_style": "path" if settings().is_local else "virtual"}, signature_version="s3v4")
    )
    return _session().client("s3", config=config, region_name=settings().aws_region)


@cache
def lambda_client(*, patient: bool = False) -> "LambdaClient":
    """The Lambda client; `patient` waits as long as a function may take, and never calls it twice."""
    config = CONFIG.merge(Config(read_timeout=900, retries={"total_max_attempts": 1})) if patient else CONFIG
    return _session().client("lambda", config=config, region_name=settings().aws_region)


@cache
def sqs() -> "SQSClient":
    """The SQS client."""
    return _session().client("sqs", config=CONFIG, region_name=settings().aws_region)


@cache
def stepfunctions() -> "SFNClient":
    """The Step Functions client."""
    return _session().client("stepfunctions", config=CONFIG, region_name=settings().aws_region)


@cache
def secretsmanager() -> "SecretsManagerClient":
    """The Secrets Manager client."""
    return _session().client("secretsmanager", config=CONFIG, region_name=settings().aws_region)


@cache
def connections_api() -> "ApiGatewayManagementApiClient":
    """The `@connections` client of the stage's WebSocket API."""
    endpoint = settings().require("websocket_endpoint")
    return _session().client(
        "apigatewaymanagementapi", endpoint_url=endpoint, config=CONFIG, region_name=settings().aws_region
    )
