"""The workspace on real tables, empty before each test."""

from collections.abc import Callable
from typing import Any

import pytest

from functions.workspace import votes
from functions.workspace.handler import app
from shared import presets, sections
from shared.feedback import COPIED_VOTES
from shared.identity.permissions import PermissionsSection
from shared.settings import settings
from shared.storage import objects
from tests.contract.accounts.members import empty
from tests.contract.chats.people import Person, sign_in


@pytest.fixture(autouse=True)
def _empty_workspace(emulator: object) -> None:
    empty(settings().workspace_table)
    empty(settings().platform_table)
    objects.delete(*objects.keys("feedback/"), *objects.keys("presets/"), COPIED_VOTES)
    for forget in (presets.forget, votes.forget, sections.forget):
        forget()


@pytest.fixture
def person() -> Person:
    return sign_in(app)


@pytest.fixture
def other() -> Person:
    return sign_in(app)


@pytest.fixture
def admin() -> Person:
    return sign_in(app, "admin")


@pytest.fixture
def permit() -> Callable[..., None]:
    """Gives everybody permissions, such as `permit("workspace.models", "sharing.public_models")`."""

    def permit(*names: str) -> None:
        section = PermissionsSection()
        for name in names:
            area, _, permission = name.partition(".")
            setattr(getattr(section, area), permission, True)
        sections.update(PermissionsSection, lambda _: section)

    return permit


def model_of(model_id: str, **more: Any) -> dict[str, Any]:
    """A preset's form as clients send it."""
    return {"id": model_id, "base_model_id": "base", "name": model_id.title(), "meta": {}, "params": {}, **more}
