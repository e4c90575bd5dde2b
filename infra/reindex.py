"""`make reindex-chats`: builds everybody's search index from the chats table, locally or on a stage on AWS.

People go on searching meanwhile. Broken off and begun again it goes on: the run has a name, kept in the files bucket
until everybody has been through it, and whoever has been is passed over at once.
"""

import argparse
import json
import sys
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from infra.functions import BY_NAME
from infra.local import aws
from infra.local.errors import LocalError
from infra.local.state import State

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client

AT_ONCE = 4
RUN_KEY = "search/reindex.json"
_FUNCTION = "chat_index"


@dataclass(frozen=True)
class Site:
    """A stage and how it is reached."""

    stage: str
    functions: "LambdaClient"
    tables: "DynamoDBClient"
    objects: "S3Client"

    @property
    def function(self) -> str:
        """The writer's name."""
        return f"cirrus-{self.stage}-{_FUNCTION}"

    @property
    def bucket(self) -> str:
        """The files bucket."""
        configuration = self.functions.get_function_configuration(FunctionName=self.function)
        return configuration["Environment"]["Variables"]["FILES_BUCKET"]

    def people(self) -> Iterator[str]:
        """The ids of everybody with an account."""
        pages = self.tables.get_paginator("scan").paginate(
            TableName=f"cirrus-{self.stage}-accounts",
            FilterExpression="sk = :user",
            ExpressionAttributeValues={":user": {"S": "USER"}},
            ProjectionExpression="user_id",
        )
        for page in pages:
            yield from (item["user_id"]["S"] for item in page["Items"])

    def rebuild(self, user_id: str, run: str) -> bool:
        """Builds one person's index; False when that failed."""
        asked = json.dumps({"user_id": user_id, "rebuild": True, "run": run, "attended": True}).encode()
        while True:
            answer = self.functions.invoke(FunctionName=self.function, Payload=asked)
            content = json.loads(answer["Payload"].read())
            if "FunctionError" in answer:
                return False
            if content["done"]:
                return True


def local(state: Path) -> Site:
    """The running local stack; raises `LocalError`."""
    endpoints = State(state).read_endpoints()
    if endpoints is None:
        raise LocalError("Cirrus is not running here: start it with 'make run', or name a stage on AWS: STAGE=dev.")
    return Site("local", *(aws.client(name, endpoints.emulator_url) for name in ("lambda", "dynamodb", "s3")))


def deployed(stage: str) -> Site:
    """A stage on AWS; raises `LocalError` where credentials lead nowhere."""
    from infra.deploy import NotReady, check_account  # the CDK, which takes seconds to import

    session = boto3.Session()
    try:
        check_account(session)
    except NotReady as error:
        raise LocalError(str(error)) from None
    # A rebuild takes as long as the function may run, and is not to be asked for twice at a time.
    patient = Config(read_timeout=BY_NAME[_FUNCTION].timeout + 30, retries={"max_attempts": 0})
    functions = session.client("lambda", config=patient)
    return Site(stage, functions, session.client("dynamodb"), session.client("s3"))


def reindex(site: Site, say: Callable[[str], None]) -> int:
    """Builds everybody's index; returns how many could not be built."""
    bucket = site.bucket
    run = _begun(site.objects, bucket)
    people, failed = sorted(site.people()), 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for number, done in enumerate(pool.map(lambda user_id: site.rebuild(user_id, run), people), 1):
            failed += not done
            if number % 100 == 0 or number == len(people):
                say(f"{number} of {len(people)} people, {failed} failed")
    if not failed:
        site.objects.delete_object(Bucket=bucket, Key=RUN_KEY)
    return failed


def _begun(objects: "S3Client", bucket: str) -> str:
    """The name of the run that was broken off, or of a new one."""
    try:
        kept: dict[str, Any] = json.loads(objects.get_object(Bucket=bucket, Key=RUN_KEY)["Body"].read())
        return str(kept["run"])
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("NoSuchKey", "404"):
            raise
    run = uuid.uuid4().hex
    objects.put_object(Bucket=bucket, Key=RUN_KEY, Body=json.dumps({"run": run}).encode())
    return run


def main(arguments: list[str] | None = None) -> int:
    """Carries out the command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m infra.reindex", description=__doc__)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--state", type=Path, help="the state directory of the running local stack")
    where.add_argument("--stage", help="a stage on AWS")
    options = parser.parse_args(arguments)
    try:
        site = deployed(options.stage) if options.stage else local(options.state)
        failed = reindex(site, lambda line: print(line, flush=True))
    except (LocalError, ClientError, BotoCoreError) as error:
        print(error, file=sys.stderr)
        return 1
    if failed:
        print("Run it again: it goes on with those that failed. The log of chat_index says why.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
