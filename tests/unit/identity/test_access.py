"""Who may read and write what somebody owns."""

from dataclasses import dataclass

import pytest

from shared.identity.access import AccessControl, may_read, may_write


@dataclass(frozen=True)
class Someone:
    id: str
    is_admin: bool = False
    group_ids: frozenset[str] = frozenset()


OWNER, ADMIN, READER, WRITER = Someone("owner"), Someone("admin", is_admin=True), Someone("reader"), Someone("writer")
MEMBER, STRANGER = Someone("member", group_ids=frozenset({"team"})), Someone("stranger")
EVERYBODY = (OWNER, ADMIN, READER, WRITER, MEMBER, STRANGER)

NAMED = AccessControl.model_validate(
    {"read": {"user_ids": ["reader"], "group_ids": ["team"]}, "write": {"user_ids": ["writer"]}}
)


@pytest.mark.parametrize(
    ("access", "readers", "writers"),
    [
        (None, EVERYBODY, (OWNER, ADMIN)),
        (AccessControl(), (OWNER, ADMIN), (OWNER, ADMIN)),
        (NAMED, (OWNER, ADMIN, READER, WRITER, MEMBER), (OWNER, ADMIN, WRITER)),
    ],
    ids=["open to all", "the owner's alone", "named people"],
)
def test_who_may_read_and_write(
    access: AccessControl | None, readers: tuple[Someone, ...], writers: tuple[Someone, ...]
) -> None:
    assert tuple(one for one in EVERYBODY if may_read(one, "owner", access)) == readers
    assert tuple(one for one in EVERYBODY if may_write(one, "owner", access)) == writers


@pytest.mark.parametrize(
    "stored", [{}, {"read": {"group_ids": ["a"]}}, {"read": None, "note": "kept"}, {"write": {"user_ids": [], "by": 1}}]
)
def test_what_a_client_sent_comes_back_as_it_was(stored: dict[str, object]) -> None:
    assert AccessControl.model_validate(stored).model_dump(mode="json") == stored
