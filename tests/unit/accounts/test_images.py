"""Initials in place of an image."""

import pytest

from functions.accounts import images
from shared.identity.models import UserItem


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ada Lovelace", "AL"),
        ("plato", "P"),
        ("Ludwig van Beethoven", "LB"),
        ("<script> &", "&lt;&amp;"),
        ("李 明", "李明"),
    ],
)
def test_initials_come_from_the_first_and_last_word(name: str, letters: str) -> None:
    assert f">{letters}</text>" in images.initials(UserItem(user_id="u", name=name))


def test_a_person_keeps_their_colour() -> None:
    before = images.initials(UserItem(user_id="u", name="Ada"))
    assert before == images.initials(UserItem(user_id="u", name="Ada"))
