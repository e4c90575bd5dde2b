"""The state machine of ingestion, and what wakes its functions."""

import json
from typing import Any

import pytest

from infra.synthesis import Synthesised

BUSY = [
    "Lambda.TooManyRequestsException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
]


def text(value: Any) -> str:
    """A text with its tokens left out."""
    if isinstance(value, str):
        return value
    return "".join(text(part) for part in value["Fn::Join"][1]) if "Fn::Join" in value else "token"


@pytest.fixture
def machine(stage: Synthesised) -> dict[str, Any]:
    """The state machine's properties."""
    ((_, resource),) = stage.resources("AWS::StepFunctions::StateMachine")
    properties: dict[str, Any] = resource["Properties"]
    return properties


@pytest.fixture
def states(machine: dict[str, Any]) -> dict[str, Any]:
    """All states by name, also those within maps."""
    outer: dict[str, Any] = json.loads(text(machine["DefinitionString"]))["States"]
    inner = [state["ItemProcessor"]["States"] for state in outer.values() if state["Type"] == "Map"]
    return {name: state for group in [outer, *inner] for name, state in group.items()}


def test_every_task_is_tried_again_with_growing_pauses_of_random_length(states: dict[str, Any]) -> None:
    tasks = {name: state for name, state in states.items() if state["Type"] == "Task"}
    assert {"Identify", "Prepare", "Index", "Finish", "GiveUp", "Extract", "Ocr", "Embed"} <= set(tasks)
    for name, task in tasks.items():
        busy, anything = task["Retry"]
        assert (busy["ErrorEquals"], anything["ErrorEquals"]) == (BUSY, ["States.ALL"]), name
        assert {(retry["JitterStrategy"], retry["BackoffRate"]) for retry in task["Retry"]} == {("FULL", 2)}, name
        assert (busy["MaxAttempts"], anything["MaxAttempts"] >= 2) == (8, True), name


def test_whatever_goes_wrong_leads_to_an_end_that_frees_the_slot(states: dict[str, Any]) -> None:
    for name in ("Identify", "Read", "Prepare", "Embeddings", "Index"):
        assert [each["Next"] for each in states[name]["Catch"]] == ["GiveUp"], name
    for name in ("HandOut", "Extract", "Ocr", "Engine", "Embed"):
        busy, caught = states[name]["Catch"]
        assert busy["ErrorEquals"] == BUSY
        assert states[busy["Next"]]["Parameters"] == {"status": "busy"}, "too many calls are not the file's trouble"
        assert states[caught["Next"]]["Parameters"]["status"] == "crashed", "one file's trouble is not the batch's"
    assert all(state.get("End") for name, state in states.items() if name in ("Finish", "GiveUp"))


def test_what_is_not_written_whole_is_gone_on_with(states: dict[str, Any]) -> None:
    choice = states[states["Index"]["Next"]]
    assert choice["Choices"] == [{"IsPresent": True, "Next": "Index", "Variable": "$.cursor"}]
    assert choice["Default"] == "Finish"


def test_maps_are_bounded(states: dict[str, Any]) -> None:
    maps = [state for state in states.values() if state["Type"] == "Map"]
    assert len(maps) == 2
    assert all(0 < state["MaxConcurrency"] <= 40 for state in maps)


def test_what_is_in_files_and_urls_is_not_logged(machine: dict[str, Any]) -> None:
    assert machine["LoggingConfiguration"]["IncludeExecutionData"] is False
    assert machine["TracingConfiguration"] == {"Enabled": True}


def test_the_bucket_tells_of_the_drop_folder_and_a_sweep_comes_every_five_minutes(stage: Synthesised) -> None:
    (bucket,) = [each for name, each in stage.resources("AWS::S3::Bucket") if name.startswith("data/")]
    told = bucket["Properties"]["NotificationConfiguration"]["EventBridgeConfiguration"]
    assert told == {"EventBridgeEnabled": True}
    rules = [each["Properties"] for name, each in stage.resources("AWS::Events::Rule") if name.startswith("ingestion/")]
    assert [rule["ScheduleExpression"] for rule in rules if "ScheduleExpression" in rule] == ["rate(5 minutes)"]
    patterns = {rule["EventPattern"]["source"][0]: rule["EventPattern"] for rule in rules if "EventPattern" in rule}
    assert patterns["aws.s3"]["detail"]["object"] == {"key": [{"prefix": "drop/"}]}
    assert set(patterns["aws.s3"]["detail-type"]) == {"Object Created", "Object Deleted"}
    assert set(patterns["aws.states"]["detail"]["status"]) == {"FAILED", "TIMED_OUT", "ABORTED"}


def test_what_reads_files_may_do_nothing(stage: Synthesised) -> None:
    for name in ("extract", "ocr"):
        variables = stage.functions()[name]["Environment"]["Variables"]
        assert not [key for key in variables if key.endswith(("_TABLE", "_BUCKET", "_FUNCTION", "_ID"))], name
