"""People with folders and chats on real tables."""

import pytest

from functions.chats.handler import app
from tests.contract.chats.people import Person, sign_in


@pytest.fixture
def person(emulator: object) -> Person:
    return sign_in(app)


@pytest.fixture
def other(emulator: object) -> Person:
    return sign_in(app)
