"""Settings whose secrets are not sealed, so that nothing has to open them."""

from collections.abc import Callable

import pytest

from shared.identity import sealed
from shared.retrieval.config import WebConfig
from shared.retrieval.settings import RetrievalSettings


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Callable[..., RetrievalSettings]:
    """Settings of the web, with the given ones."""
    monkeypatch.setattr(sealed, "opened", lambda value, context: value)
    return lambda **values: RetrievalSettings(web=WebConfig(**values))
