"""AWS clients, one of each per process. boto3 reads region, credentials and `AWS_ENDPOINT_URL` itself."""

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from shared.settings import settings

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

# Fail fast enough that an answer's first round trips stay inside what a person waits for; botocore retries within it.
CONFIG = Config(
    connect_timeout=3, read_timeout=15, retries={"mode": "standard", "max_attempts": 4}, max_pool_connections=32
)


@cache
def dynamodb() -> "DynamoDBClient":
    """The low-level DynamoDB client, for what pynamodb does not offer."""
    return boto3.client("dynamodb", config=CONFIG, region_name=settings().aws_region)


@cache
def s3() -> "S3Client":
    """The S3 client."""
    config = CONFIG.merge(
        Config(s3={"addressing_style": "path" if settings().is_local else "virtual"}, signature_version="s3v4")
    )
    return boto3.client("s3", config=config, region_name=settings().aws_region)


@cache
def lambda_client() -> "LambdaClient":
    """The Lambda client."""
    return boto3.client("lambda", config=CONFIG, region_name=settings().aws_region)


@cache
def sqs() -> "SQSClient":
    """The SQS client."""
    return boto3.client("sqs", config=CONFIG, region_name=settings().aws_region)


@cache
def secretsmanager() -> "SecretsManagerClient":
    """The Secrets Manager client."""
    return boto3.client("secretsmanager", config=CONFIG, region_name=settings().aws_region)


@cache
def connections_api() -> "ApiGatewayManagementApiClient":
    """The `@connections` client of the stage's WebSocket API."""
    endpoint = settings().require("websocket_endpoint")
    return boto3.client(
        "apigatewaymanagementapi", endpoint_url=endpoint, config=CONFIG, region_name=settings().aws_region
    )
