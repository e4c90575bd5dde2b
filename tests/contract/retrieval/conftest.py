"""The function `embedder` in this process, and a hub of models beside it."""

import io
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from functions.embedder import service
from functions.embedder.handler import handler
from functions.extraction.handler import handler as extract
from shared import sections
from shared.retrieval import local_models
from shared.retrieval.web import documents
from shared.settings import settings
from tests.contract.accounts.members import empty
from tests.support import hub_server
from tests.support.emulator import forget_settings
from tests.support.hub_server import Hub


@pytest.fixture(scope="module")
def one_hub() -> Iterator[Hub]:
    with hub_server.running() as hub:
        yield hub


@pytest.fixture
def hub(one_hub: Hub, emulator: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    """The hub, and `embedder` as a function that nothing has been asked of yet."""
    monkeypatch.setenv("MODEL_HUB", one_hub.url)
    monkeypatch.setenv("EMBEDDER_FUNCTION", "cirrus-local-embedder")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(local_models, "lambda_client", lambda **_: SimpleNamespace(invoke=_invoke))
    forget_settings()
    sections.forget()
    service._loaded.clear()
    local_models._here.clear()
    empty(settings().platform_table)
    yield one_hub
    one_hub.damaged = ""
    one_hub.asked.clear()
    forget_settings()


@pytest.fixture
def extraction(emulator: object, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The function `extract` in this process; the names of what it was asked to read."""
    read: list[str] = []
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: 300_000)

    def invoke(*, FunctionName: str, Payload: str) -> dict[str, Any]:
        assert FunctionName == "cirrus-local-extract"
        event = json.loads(Payload)
        read.append(event["name"])
        return {"Payload": io.BytesIO(json.dumps(extract(event, context)).encode())}  # type: ignore[arg-type]

    monkeypatch.setenv("EXTRACT_FUNCTION", "cirrus-local-extract")
    monkeypatch.setattr(documents, "lambda_client", lambda **_: SimpleNamespace(invoke=invoke))
    forget_settings()
    return read


def _invoke(*, FunctionName: str, Payload: str, InvocationType: str = "RequestResponse") -> dict[str, Any]:
    assert FunctionName == "cirrus-local-embedder"
    assert len(Payload) < 6_000_000
    result = handler(json.loads(Payload), None)  # type: ignore[arg-type]
    return {} if InvocationType == "Event" else {"Payload": io.BytesIO(json.dumps(result).encode())}
