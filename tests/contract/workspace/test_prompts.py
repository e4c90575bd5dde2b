"""The prompts library."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.chats.people import Person

Permit = Callable[..., None]

ROOT = "/api/v1/prompts"
TEXT = "Translate {{text | textarea:required}} into {{language | select:options=[de,fr]}} 🙂"


def form(command: str, **more: Any) -> dict[str, Any]:
    return {"command": command, "title": "Translate", "content": TEXT, **more}


def made(person: Person, command: str = "/translate", **more: Any) -> dict[str, Any]:
    answer = person.post(f"{ROOT}/create", form(command, **more))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def commands(person: Person, path: str = "/") -> list[str]:
    return [one["command"] for one in person.get(f"{ROOT}{path}").json()]


def test_a_prompt_comes_back_as_it_was_written(admin: Person) -> None:
    created = made(admin, access_control={"read": {"group_ids": ["g"]}})
    assert created | {"timestamp": 0} == {
        **form("/translate", access_control={"read": {"group_ids": ["g"]}}),
        "user_id": admin.id,
        "timestamp": 0,
    }
    assert admin.get(f"{ROOT}/command/translate").json() == created
    assert admin.get(f"{ROOT}/").json() == [created]
    (listed,) = admin.get(f"{ROOT}/list").json()
    assert listed["user"]["name"] == "Ada"


def test_writing_a_prompt_takes_the_permission(person: Person, permit: Permit) -> None:
    assert person.post(f"{ROOT}/create", form("/mine")).status_code == 403
    permit("workspace.prompts")
    assert made(person, "/mine")["access_control"] == {}
    assert person.post(f"{ROOT}/create", form("/open", access_control=None)).status_code == 403
    permit("workspace.prompts", "sharing.public_prompts")
    assert made(person, "/open", access_control=None)["access_control"] is None


def test_a_command_belongs_to_one_prompt_with_or_without_its_slash(admin: Person) -> None:
    made(admin, "/one")
    again = admin.post(f"{ROOT}/create", form("one", title="Thief"))
    assert again.status_code == 409
    assert "another command" in again.json()["detail"]
    assert admin.get(f"{ROOT}/command/one").json()["title"] == "Translate"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"command": "/"}, 400),
        ({"command": "/two words"}, 400),
        ({"command": "/a/b"}, 400),
        ({"command": "x" * 101}, 422),
        ({"title": ""}, 422),
        ({"content": None}, 422),
        ({"content": "日" * 200_000}, 413),
        ({"access_control": {"read": {"user_ids": ["u" * 200] * 2000}}}, 413),
        ({"content": "x" * 380_000, "access_control": {"read": {"user_ids": ["u" * 200] * 60}}}, 413),
    ],
)
def test_what_is_not_right_is_refused_in_words(admin: Person, change: dict[str, Any], status: int) -> None:
    answer = admin.post(f"{ROOT}/create", form("/fine") | change)
    assert answer.status_code == status
    assert isinstance(answer.json()["detail"], str)
    assert commands(admin) == []


@pytest.mark.parametrize(
    ("access", "reads", "writes"),
    [
        (None, 200, 403),
        ({}, 404, 404),
        ({"read": {"user_ids": ["OTHER"]}}, 200, 403),
        ({"write": {"user_ids": ["OTHER"]}}, 200, 200),
    ],
)
def test_who_else_may_use_and_change_it(
    person: Person, other: Person, permit: Permit, access: dict[str, Any] | None, reads: int, writes: int
) -> None:
    permit("workspace.prompts", "sharing.public_prompts")
    access = json.loads(json.dumps(access).replace("OTHER", other.id))
    made(person, access_control=access)
    assert other.get(f"{ROOT}/command/translate").status_code == reads
    assert commands(other) == (["/translate"] if reads == 200 else [])
    assert commands(other, "/list") == (["/translate"] if writes == 200 else [])
    changed = form("/translate", title="Changed", access_control=access)
    assert other.post(f"{ROOT}/command/translate/update", changed).status_code == writes
    assert other.delete(f"{ROOT}/command/translate/delete").status_code == writes
    assert commands(person) == ([] if writes == 200 else ["/translate"])


def test_a_change_replaces_the_text_and_keeps_the_owner(person: Person, admin: Person, permit: Permit) -> None:
    permit("workspace.prompts")
    made(person)
    changed = admin.post(f"{ROOT}/command/translate/update", form("/translate", content="New")).json()
    assert (changed["content"], changed["user_id"], changed["access_control"]) == ("New", person.id, {})


def test_another_command_renames_unless_it_is_taken(admin: Person) -> None:
    made(admin, "/one")
    made(admin, "/two", title="Two")
    assert admin.post(f"{ROOT}/command/one/update", form("/two")).status_code == 409
    assert admin.post(f"{ROOT}/command/one/update", form("/three")).json()["command"] == "/three"
    assert sorted(commands(admin)) == ["/three", "/two"]
    assert admin.get(f"{ROOT}/command/two").json()["title"] == "Two"


def test_what_is_not_there_is_not_found(admin: Person) -> None:
    for answer in (
        admin.get(f"{ROOT}/command/none"),
        admin.post(f"{ROOT}/command/none/update", form("/none")),
        admin.delete(f"{ROOT}/command/none/delete"),
    ):
        assert answer.status_code == 404
