"""A machine in this process, and nothing queued from before."""

import os

import pytest

from shared.ingestion import jobs
from shared.retrieval import spaces
from shared.settings import settings
from tests.contract.accounts.members import empty
from tests.contract.ingestion.machine import Machine

ARN = "arn:aws:states:us-east-1:000000000000:stateMachine:cirrus-local-ingestion"


@pytest.fixture
def machine(emulator: object, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """The state machine of this test."""
    monkeypatch.setitem(os.environ, "INGESTION_MACHINE", ARN)
    settings.cache_clear()
    empty(settings().knowledge_table)
    monkeypatch.setattr(spaces, "settle", lambda **_: None)  # no model is asked whether it is there
    return Machine(monkeypatch)


@pytest.fixture
def late_index(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The index tells of what is queued only when it is asked for the third time."""
    listed, hidden = jobs.of_state, iter(range(2))
    monkeypatch.setattr(jobs, "of_state", lambda *asked: listed(*asked) if next(hidden, None) is None else [])
