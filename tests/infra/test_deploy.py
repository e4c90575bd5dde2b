"""What is checked before anything is sent to AWS."""

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from infra import deploy
from infra.deploy import Account, NotReady


class Client:
    """Answers one call, or raises."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def __getattr__(self, name: str) -> Any:
        def call(**arguments: Any) -> Any:
            if isinstance(self._answer, Exception):
                raise self._answer
            return self._answer

        return call


class Session:
    """A boto3 session of clients that answer as told, by service."""

    def __init__(self, region: str | None = "eu-central-1", **answers: Any) -> None:
        self.region_name = region
        self._answers = answers

    def client(self, service: str) -> Client:
        return Client(self._answers[service])


@pytest.fixture(autouse=True)
def no_emulator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)


def missing(code: str, message: str = "no") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "GetParameter")


@pytest.fixture
def cdk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A CDK CLI that writes what it is told into a file beside it, and fails when there is a file `fails`."""
    command = tmp_path / "cdk"
    command.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/told\ntest ! -e {tmp_path}/fails\n')
    command.chmod(0o755)
    monkeypatch.setattr(deploy, "CDK", command)
    return command


def test_the_account_is_the_one_that_credentials_lead_to() -> None:
    assert deploy.check_account(Session(sts={"Account": "123456789012"})) == Account("123456789012", "eu-central-1")


def test_an_emulator_in_the_environment_stops_a_deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    with pytest.raises(NotReady, match="unset it"):
        deploy.check_account(Session(sts={"Account": "123456789012"}))


def test_no_credentials_says_how_to_get_some() -> None:
    with pytest.raises(NotReady, match="aws configure"):
        deploy.check_account(Session(sts=NoCredentialsError()))


def test_no_region_says_how_to_set_one() -> None:
    with pytest.raises(NotReady, match="AWS_REGION"):
        deploy.check_account(Session(region=None))


NOT_BOOTSTRAPPED, LONG_AGO = missing("ParameterNotFound"), {"Parameter": {"Value": "5"}}


@pytest.mark.parametrize(
    ("answer", "command"), [(NOT_BOOTSTRAPPED, "diff"), (NOT_BOOTSTRAPPED, "destroy"), (LONG_AGO, "deploy")]
)
def test_what_needs_a_bootstrap_that_is_not_there_gives_the_command(cdk: Path, answer: Any, command: str) -> None:
    with pytest.raises(NotReady, match="bootstrap aws://1/eu-central-1"):
        deploy.check_bootstrap(Session(ssm=answer), Account("1", "eu-central-1"), command)
    assert not cdk.with_name("told").exists()


def test_the_first_deployment_bootstraps(cdk: Path) -> None:
    deploy.check_bootstrap(Session(ssm=NOT_BOOTSTRAPPED), Account("1", "eu-central-1"), "deploy")
    assert cdk.with_name("told").read_text() == "bootstrap aws://1/eu-central-1\n"


def test_a_bootstrap_that_fails_stops_the_deployment(cdk: Path) -> None:
    cdk.with_name("fails").touch()
    with pytest.raises(NotReady, match="bootstrap aws://1/eu-central-1"):
        deploy.check_bootstrap(Session(ssm=NOT_BOOTSTRAPPED), Account("1", "eu-central-1"), "deploy")


def test_a_recent_bootstrap_is_enough(cdk: Path) -> None:
    deploy.check_bootstrap(Session(ssm={"Parameter": {"Value": "30"}}), Account("1", "eu-central-1"), "deploy")
    assert not cdk.with_name("told").exists()


SECRET = {"ARN": "arn:aws:secretsmanager:eu-central-1:1:secret:cirrus-dev-keys-AbCdEf"}
NO_STACK = missing("ValidationError", "Stack with id cirrus-dev-data does not exist")


def stack_of(status: str, arn: str = SECRET["ARN"]) -> dict[str, Any]:
    return {"StackResources": [{"PhysicalResourceId": arn, "ResourceStatus": status}, {"ResourceStatus": status}]}


@pytest.mark.parametrize(
    ("secret", "stack", "left"),
    [
        (missing("ResourceNotFoundException"), NO_STACK, False),
        (SECRET, NO_STACK, True),
        (SECRET, stack_of("CREATE_COMPLETE"), False),
        (SECRET, stack_of("DELETE_COMPLETE"), True),
        (SECRET, stack_of("UPDATE_COMPLETE", "cirrus-dev-chats"), True),
    ],
    ids=["none", "destroyed", "of the stack", "given up by the stack", "beside the stack"],
)
def test_a_secret_that_no_stack_holds_is_used_as_it_is(secret: Any, stack: Any, left: bool) -> None:
    session = Session(secretsmanager=secret, cloudformation=stack)
    for command in ("deploy", "diff"):
        assert ("keys_exist=true" in deploy.arguments_of(command, session, "dev")) is left


def test_a_deployment_takes_up_the_tables_and_the_bucket_that_are_there() -> None:
    session = Session(secretsmanager=missing("ResourceNotFoundException"))
    assert "--import-existing-resources" in deploy.arguments_of("deploy", session, "dev")
    assert deploy.arguments_of("diff", session, "dev") == deploy.arguments_of("destroy", session, "dev") == []


def test_a_secret_that_is_about_to_be_deleted_stops_a_deployment() -> None:
    with pytest.raises(NotReady, match="restore-secret --secret-id cirrus-dev-keys"):
        deploy.has_left_keys(Session(secretsmanager={**SECRET, "DeletedDate": "tomorrow"}), "dev")


@pytest.mark.parametrize(("secret", "stack"), [(missing("AccessDenied"), NO_STACK), (SECRET, missing("AccessDenied"))])
def test_what_may_not_be_looked_at_stops_a_deployment_with_the_reason(secret: Any, stack: Any) -> None:
    with pytest.raises(NotReady, match=r"cannot be read: .*AccessDenied"):
        deploy.has_left_keys(Session(secretsmanager=secret, cloudformation=stack), "dev")


def test_no_cdk_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(deploy, "CDK", tmp_path / "cdk")
    with pytest.raises(NotReady, match="make setup"):
        deploy.check_tools()
