"""The sample events are such as their functions get."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.functions import BY_NAME
from infra.routes import function_for

EVENTS = sorted((Path(__file__).parents[2] / "events").glob("*/*.json"))


def event_of(path: Path) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(path.read_text())
    return event


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_an_event_lies_with_the_function_that_gets_it(path: Path) -> None:
    event = event_of(path)
    assert path.parent.name in BY_NAME
    if "httpMethod" in event:
        assert function_for(event["path"]) == path.parent.name


def test_every_function_but_the_web_server_has_an_event() -> None:
    assert {path.parent.name for path in EVENTS} == {spec.name for spec in BY_NAME.values() if not spec.streams}
