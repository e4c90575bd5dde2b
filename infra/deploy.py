"""`make deploy`, `make diff`, `make destroy`: the CDK CLI, after checks that say in a sentence what is missing."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra.build import ROOT

if TYPE_CHECKING:
    from boto3.session import Session

CDK = ROOT / "node_modules" / ".bin" / "cdk"
NODE_VERSION = 20
BOOTSTRAP_VERSION = 6
"""The oldest CDK bootstrap that the stacks deploy with."""

KEPT = "the tables, the files bucket and the secret"
_GONE = ("DELETE_COMPLETE", "DELETE_SKIPPED")


class NotReady(Exception):
    """Something is missing; the message says what, and what to do."""


@dataclass(frozen=True)
class Account:
    """Where a stage goes."""

    number: str
    region: str


def check_tools() -> None:
    """Raises `NotReady` without the CDK CLI or a Node.js that runs it."""
    if not CDK.exists():
        raise NotReady("The CDK CLI is not installed: run 'make setup'.")
    node = shutil.which("node")
    if node is None:
        raise NotReady("Node.js is not on the path: run 'make setup'.")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    if int(version.removeprefix("v").split(".")[0] or 0) < NODE_VERSION:
        raise NotReady(f"Node.js {version} is too old; {NODE_VERSION} or later runs the CDK.")


def check_account(session: "Session") -> Account:
    """The account and region that credentials lead to; raises `NotReady` without either or with an emulator."""
    if endpoint := os.environ.get("AWS_ENDPOINT_URL"):
        raise NotReady(f"AWS_ENDPOINT_URL is set ({endpoint}): unset it to deploy to AWS.")
    region = session.region_name
    if not region:
        raise NotReady("No region: set AWS_REGION, or 'region' in the AWS profile.")
    try:
        identity = session.client("sts").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise NotReady(f"No AWS credentials that work ({error}): run 'aws configure' or 'aws sso login'.") from error
    return Account(identity["Account"], region)


def check_bootstrap(session: "Session", account: Account, command: str) -> None:
    """Bootstraps the CDK for a first `deploy`; raises `NotReady` for other commands, or when that is too long ago."""
    try:
        parameter = session.client("ssm").get_parameter(Name="/cdk-bootstrap/hnb659fds/version")
        version = int(parameter["Parameter"]["Value"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "ParameterNotFound":
            raise NotReady(f"The CDK's bootstrap version cannot be read: {error}") from error
        version = 0
    where = f"aws://{account.number}/{account.region}"
    by_hand = f"'{CDK.relative_to(ROOT) if CDK.is_relative_to(ROOT) else CDK} bootstrap {where}'"
    if version == 0 and command == "deploy":
        print(f"Bootstrapping the CDK in {where}, once: a stack with its roles and a bucket for assets.", flush=True)
        # Away from cdk.json, whose app it would run to no purpose.
        if subprocess.run([str(CDK), "bootstrap", where], cwd=tempfile.gettempdir(), check=False).returncode:
            raise NotReady(f"The CDK could not be bootstrapped: mend what it says above, then run {by_hand}.")
    elif version < BOOTSTRAP_VERSION:
        # Other applications may use what is there: whoever looks after the account brings it up to date.
        raise NotReady(f"The CDK is not bootstrapped there, or too long ago: run {by_hand} once.")


def has_left_keys(session: "Session", stage: str) -> bool:
    """Whether the secret of a stage is there but of no stack, as `destroy` leaves it.

    CloudFormation takes up tables and buckets by their names, but knows a secret by its ARN only. Raises `NotReady`
    when the secret waits to be deleted.
    """
    name, stack = f"cirrus-{stage}-keys", f"cirrus-{stage}-data"
    try:
        secret = session.client("secretsmanager").describe_secret(SecretId=name)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return False
        raise NotReady(f"Whether there is a secret {name} cannot be read: {error}") from error
    if "DeletedDate" in secret:
        restore = f"aws secretsmanager restore-secret --secret-id {name}"
        raise NotReady(f"The secret {name} is about to be deleted, and its name taken until then: run '{restore}'.")
    try:
        resources = session.client("cloudformation").describe_stack_resources(StackName=stack)["StackResources"]
    except ClientError as error:
        if "does not exist" in str(error):
            return True
        raise NotReady(f"What the stack {stack} holds cannot be read: {error}") from error
    held = {each.get("PhysicalResourceId") for each in resources if each["ResourceStatus"] not in _GONE}
    return secret["ARN"] not in held


def arguments_of(command: str, session: "Session", stage: str) -> list[str]:
    """What the CDK CLI is told beside what whoever runs this says."""
    told = []
    if command == "deploy":
        # The tables and the bucket of a stage that was destroyed have the names that the new stack gives.
        told += ["--require-approval", "never", "--progress", "events", "--import-existing-resources"]
    if command != "destroy" and has_left_keys(session, stage):
        told += ["-c", "keys_exist=true"]
    return told


def outputs(session: "Session", stage: str) -> Iterator[tuple[str, str]]:
    """What the stacks of a stage say about themselves, as (name, value)."""
    client = session.client("cloudformation")
    for page in client.get_paginator("describe_stacks").paginate():
        for stack in page["Stacks"]:
            if stack["StackName"].startswith(f"cirrus-{stage}-"):
                yield from ((output["OutputKey"], output["OutputValue"]) for output in stack.get("Outputs", []))


def cdk(command: str, stage: str, *arguments: str) -> int:
    """Runs the CDK CLI over all stacks of a stage with this interpreter; returns its exit status."""
    # The interpreter that runs this has what the app imports.
    app = f"{sys.executable} -m infra.app"
    process: Any = subprocess.run(
        [str(CDK), command, "--all", "--app", app, "-c", f"stage={stage}", *arguments], cwd=ROOT, check=False
    )
    return int(process.returncode)


def run(command: str, stage: str, arguments: list[str]) -> int:
    """One of deploy, diff, destroy; returns the exit status."""
    check_tools()
    session = boto3.Session()
    account = check_account(session)
    check_bootstrap(session, account, command)
    print(f"{command} {stage}: account {account.number}, {account.region}", flush=True)
    status = cdk(command, stage, *arguments_of(command, session, stage), *arguments)
    if status == 0 and command == "deploy":
        found = dict(outputs(session, stage))
        print(f"\nCirrus {stage} is at {found['Url']}. The first person to sign up becomes its admin.")
    if status == 0 and command == "destroy":
        print(f"\nStill there, so that nothing is lost by mistake: {KEPT} of {stage}. They cost what they hold.")
        print(f"'make deploy STAGE={stage}' takes them up again. To be rid of them, delete them in the AWS console.")
    return status


def main() -> int:
    """The command line: `python -m infra.deploy deploy --stage dev [arguments of the CDK CLI]`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=("deploy", "diff", "destroy"))
    parser.add_argument("--stage", choices=("dev", "prod"), required=True)
    given, arguments = parser.parse_known_args()
    try:
        return run(given.command, given.stage, arguments)
    except NotReady as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    raise SystemExit(main())
