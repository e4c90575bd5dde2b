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


def missing(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "GetParameter")


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


@pytest.mark.parametrize("answer", [missing("ParameterNotFound"), {"Parameter": {"Value": "5"}}])
def test_no_bootstrap_gives_the_command(answer: Any) -> None:
    with pytest.raises(NotReady, match="bootstrap aws://1/eu-central-1"):
        deploy.check_bootstrap(Session(ssm=answer), Account("1", "eu-central-1"))


def test_a_recent_bootstrap_is_enough() -> None:
    deploy.check_bootstrap(Session(ssm={"Parameter": {"Value": "30"}}), Account("1", "eu-central-1"))


def test_no_cdk_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(deploy, "CDK", tmp_path / "cdk")
    with pytest.raises(NotReady, match="make setup"):
        deploy.check_tools()
