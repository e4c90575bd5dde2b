"""What an admin sees of the ingestion, and trying again what failed."""

from shared import files
from shared.clock import now
from shared.files import FileItem
from shared.ingestion import jobs
from shared.ingestion.jobs import JobItem
from tests.contract.chats.people import Person
from tests.contract.knowledge.conftest import stored


def job_of(file: FileItem, state: jobs.State, reason: str = "") -> JobItem:
    """A file with a job that has come so far."""
    file.update([FileItem.status.set("failed" if reason else "extracting"), FileItem.reason.set(reason)])
    job = JobItem.new(file.file_id, file.user_id, "g", int(file.size), fresh=True)
    job.save()
    if state == "running":
        assert jobs.claim(job, "batch")
    if state == "failed":
        assert jobs.fail(job)
    if state == "done":
        assert jobs.done(job, ["lexical"])
    return job


def test_an_admin_sees_what_waits_works_failed_and_was_finished_and_tries_again(admin: Person, person: Person) -> None:
    broken, reading, *rest = (stored(person, f"{name}.txt") for name in ("broken", "reading", "waits", "a", "b"))
    job_of(broken, "failed", "The file is empty.")
    job_of(reading, "running")
    for file, state in zip(rest, ("queued", "done", "done"), strict=True):
        job_of(file, state)
    before = now()
    seen = admin.get("/api/v1/retrieval/ingestion").json()
    assert (seen["queued"], seen["failed_count"], seen["rejected"]) == (1, 1, [])
    assert [(file["filename"], file["status"]) for file in seen["running"]] == [("reading.txt", "extracting")]
    (failed,) = seen["failed"]
    assert (failed["filename"], failed["reason"], failed["owner"]) == ("broken.txt", "The file is empty.", "Ada")
    assert len(seen["finished"]) * seen["bin_seconds"] == 24 * 3600
    assert seen["finished"][-1]["time"] <= before + 60
    assert sum(each["files"] for each in seen["finished"]) == 2
    assert sum(each["bytes"] for each in seen["finished"]) == 8

    other = admin.post("/api/v1/retrieval/ingestion/retry", {"file_ids": [reading.file_id]})
    assert other.json() == {"count": 0}
    assert admin.post("/api/v1/retrieval/ingestion/retry", {}).json() == {"count": 1}
    seen = admin.get("/api/v1/retrieval/ingestion").json()
    assert (seen["queued"], seen["failed_count"]) == (2, 0)
    assert files.find(broken.file_id).status == "queued"
