"""What the three writers of a run see of each other, on real tables."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from shared import runs
from shared.errors import NotFound
from shared.runs import Run, RunItem

pytestmark = pytest.mark.usefixtures("emulator")


@pytest.fixture
def run() -> Run:
    return Run(uuid.uuid4().hex, 1, chat_id=uuid.uuid4().hex, user_id=uuid.uuid4().hex, model="m")


def test_one_of_many_workers_gets_the_lease(run: Run) -> None:
    runs.announce(run)
    with ThreadPoolExecutor(8) as pool:
        leases = list(pool.map(lambda number: runs.lease(run, f"worker-{number}"), range(8)))
    assert len([lease for lease in leases if lease]) == 1


def test_announcing_after_the_worker_began_changes_nothing(run: Run) -> None:
    assert runs.lease(run, "worker")
    runs.announce(run)
    stored = runs.get(run.task_id)
    assert stored is not None
    assert stored.state == "running"


def test_a_run_of_a_copy_of_the_chat_is_neither_announced_nor_begun_in_place_of_the_first(run: Run) -> None:
    copy = replace(run, chat_id=uuid.uuid4().hex, user_id="somebody else")
    assert runs.announce(run)
    assert not runs.announce(copy)
    assert runs.lease(copy, "other") is None
    leased = runs.lease(run, "worker")
    assert leased
    assert (leased.chat_id, leased.user_id) == (run.chat_id, run.user_id)


def test_a_run_is_listed_under_its_chat_and_its_owner_only_while_active(run: Run) -> None:
    runs.announce(run)
    runs.list_task(run)
    leased = runs.lease(run, "worker")
    assert leased
    assert [active.task_id for active in runs.active_runs(run.chat_id)] == [run.task_id]
    assert runs.active_tasks(run.user_id) == [run.task_id]
    runs.finish(leased, "worker", "done")
    assert runs.active_runs(run.chat_id) == []
    assert runs.active_tasks(run.user_id) == []


def test_an_announcement_repeated_after_the_end_does_not_revive_the_run(run: Run) -> None:
    leased = runs.lease(run, "worker")
    assert leased
    runs.finish(leased, "worker", "done")
    runs.announce(run)
    assert runs.active_runs(run.chat_id) == []
    assert runs.lease(run, "second") is None


def test_a_stop_before_anything_else_is_seen_by_the_worker(run: Run) -> None:
    runs.request_stop(run.task_id, run.user_id)
    runs.announce(run)
    leased = runs.lease(run, "worker")
    assert leased
    assert leased.stop_requested


def test_a_stop_that_somebody_else_left_before_the_run_began_counts_for_nothing(run: Run) -> None:
    runs.request_stop(run.task_id, "somebody else")
    leased = runs.lease(run, "worker")
    assert leased
    assert not leased.stop_requested


def test_a_stop_just_before_the_next_attempt_is_seen_by_its_worker(run: Run) -> None:
    runs.announce(run)
    runs.request_stop(runs.task_id(run.message_id, 2), run.user_id)
    leased = runs.lease(replace(run, attempt=2), "worker")
    assert leased
    assert leased.stop_requested


def test_a_stop_of_what_never_began_does_not_count_as_an_attempt(run: Run) -> None:
    runs.request_stop(runs.task_id(run.message_id, 999_999), "somebody else")
    assert runs.latest_attempt(run.message_id, run.chat_id) == 0
    runs.announce(run)
    runs.request_stop(runs.task_id(run.message_id, 2), run.user_id)
    assert runs.latest_attempt(run.message_id, run.chat_id) == 1


@pytest.mark.parametrize("attempt", [2, 3, 999_999])
def test_nobody_leaves_a_mark_on_a_message_that_somebody_else_had_answered(run: Run, attempt: int) -> None:
    leased = runs.lease(run, "worker")
    assert leased
    runs.finish(leased, "worker", "done")
    with pytest.raises(NotFound):
        runs.request_stop(runs.task_id(run.message_id, attempt), "somebody else")
    assert [item.sk for item in RunItem.query(f"RUN#{run.message_id}")] == ["RUN#000001"]


def test_only_the_owner_may_stop_a_run(run: Run) -> None:
    leased = runs.lease(run, "worker")
    assert leased
    with pytest.raises(NotFound):
        runs.request_stop(run.task_id, "somebody else")
    assert not runs.heartbeat(leased, "worker").stop_requested
    runs.request_stop(run.task_id, run.user_id)
    assert runs.heartbeat(leased, "worker").stop_requested


def test_the_watchdog_takes_over_only_a_run_that_gave_no_sign_of_life_meanwhile(run: Run) -> None:
    leased = runs.lease(run, "worker")
    assert leased
    seen = runs.get(run.task_id)
    assert seen
    stale = Run(**{**seen.__dict__, "heartbeat_at": seen.heartbeat_at - 1})
    assert not runs.take_over(stale)
    assert runs.take_over(seen)
    with pytest.raises(runs.LostLease):
        runs.heartbeat(leased, "worker")


def test_the_log_composes_in_order_whatever_the_order_of_writing(run: Run) -> None:
    assert runs.composed(run.task_id) == runs.Composed("", "", -1)
    runs.append(run.task_id, 12, "world")
    runs.append(run.task_id, 3, "hello ", "hmm")
    assert runs.composed(run.task_id) == runs.Composed("hello world", "hmm", 12)


def test_the_latest_attempt_is_known(run: Run) -> None:
    assert runs.latest_attempt(run.message_id, run.chat_id) == 0
    for attempt in (1, 2, 10):
        runs.announce(Run(run.message_id, attempt, run.chat_id, run.user_id))
    assert runs.latest_attempt(run.message_id, run.chat_id) == 10


@pytest.mark.parametrize(
    "text", ["", "x", "x.", ".1", "x.-1", "x.0", "x.1e3", "x.1000000", "x." + "9" * 5000, "x" * 3000 + ".1"]
)
def test_a_task_id_that_cannot_be_one_is_not_found(text: str) -> None:
    with pytest.raises(NotFound):
        runs.parse_task_id(text)
