"""An index for another embedding model: built in the background while the old one answers, then switched to."""

from collections.abc import Callable, Iterator

from shared.ingestion import jobs, requests
from shared.ingestion.jobs import JobItem
from shared.logs import logger
from shared.retrieval import spaces
from shared.search.opening import index

_AT_A_TIME = 100


def go_on(going_on: Callable[[], bool]) -> int:
    """Queues what is not in the index that is being built, and switches to it once all is; how many were queued.

    Drops the indexes that nobody asks any more.
    """
    for space in spaces.left():
        index(space).drop()
        spaces.forget(space)
    spaces.settle()
    building = spaces.state(fresh=True).building
    if building is None:
        return 0
    queued = 0
    for missing in _batches(building.space.id):
        if not going_on():
            return queued
        requests.spread(*(job.file_id for job in missing), later=True)
        queued += len(missing)
    if not queued:
        switch()
    return queued


def switch() -> None:
    """Has the index that is being built answer, if all is in it. Files that came since are written to both."""
    building = spaces.state(fresh=True).building
    if building is None or any(jobs.of_state(state, 1) for state in jobs.ACTIVE):
        return
    if next(_batches(building.space.id), None) is not None:
        return
    if spaces.switch(building.space):
        logger().info("another index answers", extra={"space": building.space.id})


def _batches(space_id: str) -> Iterator[list[JobItem]]:
    some: list[JobItem] = []
    for job in jobs.of_state("done"):
        if space_id not in (job.spaces or ()):
            some.append(job)
        if len(some) == _AT_A_TIME:
            yield some
            some = []
    if some:
        yield some
