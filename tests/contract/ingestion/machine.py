"""The state machine, step by step in this process: what infra/stacks/ingestion.py has Step Functions do."""

import json
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from functions.extraction.handler import handler as extract
from functions.ingestion import dispatching, sweeping
from functions.ingestion.handler import handler
from shared import files
from shared.files import FileItem
from shared.ingestion import jobs, requests
from shared.retrieval import spaces
from shared.search.opening import index
from shared.search.protocol import Query
from shared.segments import Segment

CONTEXT = SimpleNamespace(get_remaining_time_in_millis=lambda: 300_000)
State = dict[str, Any]


class NoExecution(Exception):
    """There is no execution of that name."""


class Machine:
    """Executions that were started, by name; each is carried out when a test says so."""

    exceptions = SimpleNamespace(ExecutionDoesNotExist=NoExecution)

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.started: dict[str, State] = {}
        self.status: dict[str, str] = {}
        patch.setattr(dispatching, "PAUSES", (0, 0))
        for module in (dispatching, sweeping):
            patch.setattr(module, "stepfunctions", lambda: self)

    def start_execution(self, stateMachineArn: str, name: str, input: str) -> None:
        self.started[name], self.status[name] = json.loads(input), "RUNNING"

    def describe_execution(self, executionArn: str) -> dict[str, str]:
        name = executionArn.rpartition(":")[2]
        if name not in self.status:
            raise NoExecution
        return {"status": self.status[name]}

    def stop_execution(self, executionArn: str, error: str, cause: str) -> None:
        self.status[executionArn.rpartition(":")[2]] = "ABORTED"

    def take(self) -> State:
        """The state that the next execution begins with."""
        name = next(name for name, status in self.status.items() if status == "RUNNING")
        self.status[name] = "SUCCEEDED"
        return self.started[name]

    def run(self) -> int:
        """Carries out all that is queued; how many executions."""
        handler({"task": "dispatch"}, CONTEXT)
        count = 0
        while "RUNNING" in self.status.values():
            step("finish", step("index", embed_step(prepare_step(self.take()))))
            count += 1
        return count


def prepare_step(state: State) -> State:
    """Up to the chunks."""
    state = step("identify", state)
    while True:
        if state["work"]:
            state["results"] = [read(state, item) for item in state["work"]]
            assert len(json.dumps(state).encode()) < 256_000
            assert "X-Amz-" not in json.dumps(state), "a URL, with the session token of a role"
        state = step("prepare", state)
        if not state["work"]:
            return state


def embed_step(state: State) -> State:
    """With the vectors."""
    state["results"] = [piece("embed", state, item) for item in state["embed"]]
    return state


def piece(name: str, state: State, item: Any) -> State:
    """A step for one item of a map."""
    told = {"batch": state["batch"], "files": state["files"]}
    answer: State = handler({"step": name, "item": item, "state": told}, CONTEXT)
    return answer


def step(name: str, state: State) -> State:
    """One step; the state goes through JSON, as it does in Step Functions."""
    result: State = json.loads(json.dumps(handler({"step": name, "state": json.loads(json.dumps(state))}, CONTEXT)))
    return result


def read(state: State, item: State) -> State:
    """What reading comes to; what an image shows is made up here."""
    event = piece("hand_out", state, item)
    if event["task"] == "none":
        return {"status": "gone"}
    if event["task"] == "ocr":
        return recognise(event)
    answer: State = (extract if event["task"] == "extract" else handler)(event, CONTEXT)
    return answer


def recognise(event: State) -> State:
    """What the function ocr answers: each page shows its number."""
    lines = "".join(Segment(f"scan{page}", page=page).line for page in event["pages"])
    httpx.put(event["output"], content=lines.encode()).raise_for_status()
    return {"status": "ok", "segments": len(event["pages"]), "characters": len(lines)}


def stored(text: str | bytes, name: str = "a.txt", user_id: str = "u1") -> FileItem:
    """A file that is queued."""
    content = text.encode() if isinstance(text, str) else text
    item = files.store(user_id, name, "text/plain", content)
    requests.ingest(item.file_id)
    return files.find(item.file_id)


def fresh(item: FileItem) -> FileItem:
    """The file as it is now."""
    return files.find(item.file_id)


def found(collection: str, text: str) -> list[str]:
    """Ids of the files in which words are found, whatever the table says of them."""
    query = Query((collection,), text=text, mode="lexical", limit=50)
    return [hit.entry.file_id for hit in index(spaces.answering().space).search(query)]


def job_state(item: FileItem) -> str | None:
    """The state of a file's job."""
    job = jobs.of_files([item.file_id]).get(item.file_id)
    return job.state if job else None
