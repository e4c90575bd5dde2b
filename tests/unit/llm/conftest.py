"""The environment of the tests of providers."""

from collections.abc import Iterator

import pytest

from shared.settings import settings


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A monkeypatch whose changes of the environment count from the next call of `settings()` on."""
    settings.cache_clear()
    yield monkeypatch
    settings.cache_clear()
