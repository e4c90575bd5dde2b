"""A model server for the tests of providers."""

from collections.abc import Iterator

import pytest

from shared.settings import settings
from tests.support.model_server import ModelServer, running


@pytest.fixture(scope="session")
def one_server() -> Iterator[ModelServer]:
    with running() as server:
        yield server


@pytest.fixture
def server(one_server: ModelServer) -> ModelServer:
    one_server.reset()
    return one_server


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A monkeypatch whose changes of the environment count from the next call of `settings()` on."""
    settings.cache_clear()
    yield monkeypatch
    settings.cache_clear()
