"""What is stopped, killed or lost is taken up again: each file ends indexed or failed, none twice."""

import pytest

from functions.ingestion import dispatching, slots, sweeping
from functions.ingestion.batch import MOST_ATTEMPTS
from functions.ingestion.dispatching import dispatch
from functions.ingestion.handler import handler
from functions.ingestion.slots import LOCAL_SLOTS
from functions.ingestion.sweeping import sweep
from shared.clock import now
from shared.ingestion import jobs, requests
from shared.ingestion.jobs import JobItem
from shared.knowledge import access, items, membership
from tests.contract.ingestion.machine import (
    CONTEXT,
    Machine,
    found,
    fresh,
    job_state,
    piece,
    prepare_step,
    read,
    step,
    stored,
)


def sweep_all() -> dict[str, int]:
    return sweep(lambda: True)


def aged(item: JobItem, seconds: int) -> None:
    """A job of which nothing was heard for so long."""
    item.update([JobItem.updated_at.set(now() - seconds)])


def test_no_more_executions_than_there_are_slots(machine: Machine) -> None:
    for number in range(LOCAL_SLOTS + 2):
        stored(b"x" * 1_500_000, f"{number}.txt")
    assert dispatch() == LOCAL_SLOTS
    assert dispatch() == 0
    assert len(slots.taken()) == LOCAL_SLOTS
    machine.run()
    assert len(jobs.of_state("done")) == LOCAL_SLOTS + 2
    assert slots.taken() == []


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
def test_a_dead_execution_is_taken_up_at_once(machine: Machine, status: str) -> None:
    file, other = stored("some words"), stored("more words", "b.txt")
    dispatch()
    (name,) = machine.started
    prepare_step(machine.started[name])
    machine.status[name] = status
    assert sweep_all() == {"taken_up": 2, "started": 2}
    assert len(machine.started) == 3, "each goes by itself now: one of them may have been the reason"
    machine.run()
    for each in (file, other):
        assert fresh(each).status == "indexed"
        assert found(f"file-{each.file_id}", "words") == [each.file_id]


def test_an_execution_that_was_never_started_leaves_nothing(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    file = stored("some words")
    slot = slots.take()
    assert slot is not None
    assert dispatching._claim(slot.batch)
    assert sweep_all()["taken_up"] == 0, "it may be about to be started"
    monkeypatch.setattr(sweeping, "STARTING_SECONDS", -1)
    assert sweep_all()["taken_up"] == 1
    machine.run()
    assert fresh(file).status == "indexed"
    assert slots.taken() == []


def test_where_everything_has_ended_a_moment_ago_nothing_is_waited_for(machine: Machine) -> None:
    file, other = stored(b"some words" * 200_000), stored(b"more words" * 200_000)
    slot = slots.take()
    assert slot is not None
    assert dispatching._claim(slot.batch)
    assert dispatching._claim("a batch whose slot was not saved")
    assert sweep_all()["taken_up"] == 0
    assert sweep(lambda: True, at_once=True)["taken_up"] == 2
    machine.run()
    assert (fresh(file).status, fresh(other).status) == ("indexed", "indexed")
    assert slots.taken() == []


def test_what_is_stuck_for_long_is_stopped_and_begun_again(machine: Machine) -> None:
    file = stored("some words")
    dispatch()
    (name,) = machine.started
    assert sweep_all()["taken_up"] == 0
    (job,) = jobs.of_state("running")
    (slot,) = slots.taken()
    slot.update([slots.SlotItem.taken_at.set(now() - sweeping.STUCK_SECONDS - 1)])
    assert sweep_all()["taken_up"] == 0, "something moved"
    aged(job, sweeping.STUCK_SECONDS + 1)
    assert sweep_all()["taken_up"] == 1
    assert machine.status[name] == "ABORTED"
    machine.run()
    assert fresh(file).status == "indexed"


def test_each_piece_that_is_read_says_that_something_moves(machine: Machine) -> None:
    stored("some words")
    dispatch()
    state = step("identify", machine.take())
    (job,) = jobs.of_state("running")
    aged(job, sweeping.STUCK_SECONDS + 1)
    assert piece("hand_out", state, state["work"][0])["task"] == "extract"
    assert jobs.of_state("running")[0].updated_at >= now() - 60


def test_what_nobody_waits_for_any_more_is_not_read(machine: Machine) -> None:
    file = stored("some words")
    dispatch()
    state = step("identify", machine.take())
    requests.ingest(file.file_id)
    assert piece("hand_out", state, state["work"][0]) == {"task": "none"}


@pytest.mark.parametrize("stage", ["read", "embed"])
def test_a_file_for_which_no_function_was_free_is_tried_again(machine: Machine, stage: str) -> None:
    file = stored("some words")
    dispatch()
    state = step("identify", machine.take())
    if stage == "read":
        state["results"] = [{"status": "busy"}]
        state = step("prepare", state)
    else:
        state = step("prepare", {**state, "results": [read(state, item) for item in state["work"]]})
        (space,) = state["spaces"]
        state |= {"embed": [(0, 0, space)], "results": [{"status": "busy"}]}
    step("finish", step("index", state))
    assert fresh(file).reason is None
    assert job_state(file) == "running", "it is worked on once more"
    machine.run()
    assert (fresh(file).status, job_state(file)) == ("indexed", "done")


def test_a_file_of_which_the_index_tells_late_is_begun_at_once(machine: Machine, late_index: None) -> None:
    stored("some words")
    assert handler({"task": "dispatch"}, CONTEXT) == {"started": 1}


def test_a_file_that_breaks_everything_fails_the_third_time_alone(machine: Machine) -> None:
    poison, good = stored("poison"), stored("good", "b.txt")
    for _ in range(MOST_ATTEMPTS):
        dispatch()
        for name in [name for name, status in machine.status.items() if status == "RUNNING"]:
            state = machine.started[name]
            if any(each["id"] == poison.file_id for each in state["files"]):
                machine.status[name] = "SUCCEEDED"
                step("give_up", {**state, "error": {"Error": "Lambda.Unknown"}})
    machine.run()
    assert fresh(good).status == "indexed"
    assert (fresh(poison).status, job_state(poison)) == ("failed", "failed")
    assert "Try again" in str(fresh(poison).reason)
    requests.ingest(poison.file_id)
    machine.run()
    assert fresh(poison).status == "indexed", "attempts are counted anew"


def test_an_end_that_was_not_noted_is_noted_later(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    file = stored("some words")
    dispatch()
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "done", lambda *_: False)  # killed between the two writes
        state = machine.take()
        step("index", prepare_step(state))
    assert (fresh(file).status, job_state(file)) == ("indexed", "running")
    assert sweep_all()["taken_up"] == 1
    assert job_state(file) == "done"
    assert machine.run() == 0


def test_an_interrupted_deletion_is_finished_later(machine: Machine) -> None:
    file, base = stored("some words"), items.create("u1", "Handbook").knowledge_id
    membership.add(base, file.file_id)
    machine.run()
    requests.remove(fresh(file))  # nobody was called
    assert found(f"file-{file.file_id}", "words")
    assert access.current(base, [file.file_id]) == {}, "what is found of it is not shown from now on"
    sweep_all()
    assert not found(f"file-{file.file_id}", "words")
    assert job_state(file) is None
