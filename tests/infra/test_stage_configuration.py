"""A stage's configuration out of the context."""

import pytest
from aws_cdk import App

from infra.stage import StageError, stage_from_context


def stage_of(**context: str):
    return stage_from_context(App(context=context).node)


def test_without_a_name_the_stage_is_dev() -> None:
    assert stage_of().name == "dev"


def test_an_unknown_stage_says_what_to_pass() -> None:
    with pytest.raises(StageError, match="stage=local, dev or prod"):
        stage_of(stage="production")


def test_only_the_local_stage_takes_what_the_launcher_knows() -> None:
    local = stage_of(stage="local", emulator_url="http://127.0.0.1:5000", origin_secret="x").local
    assert local is not None
    assert (local.emulator_url, local.origin_secret) == ("http://127.0.0.1:5000", "x")
    assert stage_of(stage="prod", emulator_url="http://127.0.0.1:5000").local is None


def test_everything_that_costs_more_is_off_until_asked_for() -> None:
    assert not stage_of(stage="prod").dashboard
    assert stage_of(stage="prod", dashboard="true").dashboard
    assert stage_of(stage="prod").alarm_email == ""


def test_local_models_come_from_the_hub_that_is_named() -> None:
    assert stage_of(stage="prod").model_hub == ""
    assert stage_of(stage="prod", model_hub="https://hub.example/").model_hub == "https://hub.example"
