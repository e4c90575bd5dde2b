"""`make deploy`, `make diff`, `make destroy`: the CDK CLI, after checks that say in a sentence what is missing."""

import argparse
import os
import shutil
import subprocess
import sys
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


def check_bootstrap(session: "Session", account: Account) -> None:
    """Raises `NotReady` when the CDK has not been bootstrapped there, or too long ago."""
    try:
        parameter = session.client("ssm").get_parameter(Name="/cdk-bootstrap/hnb659fds/version")
        version = int(parameter["Parameter"]["Value"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "ParameterNotFound":
            raise NotReady(f"The CDK's bootstrap version cannot be read: {error}") from error
        version = 0
    if version < BOOTSTRAP_VERSION:
        where = f"aws://{account.number}/{account.region}"
        raise NotReady(f"The CDK is not bootstrapped there: run '{CDK.relative_to(ROOT)} bootstrap {where}' once.")


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
    check_bootstrap(session, account)
    print(f"{command} {stage}: account {account.number}, {account.region}", flush=True)
    if command == "deploy":
        arguments = ["--require-approval", "never", "--progress", "events", *arguments]
    status = cdk(command, stage, *arguments)
    if status == 0 and command == "deploy":
        found = dict(outputs(session, stage))
        print(f"\nCirrus {stage} is at {found['Url']}. The first person to sign up becomes its admin.")
    if status == 0 and command == "destroy":
        print(f"\nStill there, so that nothing is lost by mistake: {KEPT} of {stage}. They cost what they hold.")
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
