"""Folders: a tree with unique names among siblings, whatever two people or two tabs do to it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.chats import folders
from tests.contract.chats.people import Person


def make(person: Person, name: str, parent: str | None = None, **more: Any) -> str:
    answer = person.post("/api/v1/folders/", {"name": name, "parent_id": parent, **more})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def move(person: Person, folder_id: str, parent: str | None) -> int:
    return person.post(f"/api/v1/folders/{folder_id}/update/parent", {"parent_id": parent}).status_code


def tree(person: Person) -> dict[str, str | None]:
    """Names of folders and of their parents."""
    listed = person.get("/api/v1/folders/").json()
    names = {each["id"]: each["name"] for each in listed}
    return {each["name"]: names.get(each["parent_id"]) for each in listed}


def test_a_folder_comes_back_as_it_was_made(person: Person) -> None:
    data = {"system_prompt": "Be brief.", "files": [{"type": "file", "id": "f"}], "model_ids": ["m"], "more": {"x": 1}}
    folder_id = make(person, " Work ", data=data, meta={"icon": "🗂", "colour": "red"}, my_field=[1])
    whole = person.get(f"/api/v1/folders/{folder_id}").json()
    assert (whole["name"], whole["user_id"], whole["parent_id"], whole["is_expanded"]) == (
        "Work",
        person.id,
        None,
        False,
    )
    assert (whole["data"], whole["meta"], whole["my_field"]) == (data, {"icon": "🗂", "colour": "red"}, [1])
    (listed,) = person.get("/api/v1/folders/").json()
    assert (listed["name"], listed["meta"]["icon"], "data" in listed) == ("Work", "🗂", False)

    read = folders.folder(person.id, folder_id)
    assert read
    assert (read.system_prompt, read.model_ids, [each["id"] for each in read.files]) == ("Be brief.", ["m"], ["f"])


def test_an_update_keeps_what_it_leaves_out(person: Person) -> None:
    folder_id = make(person, "Work", data={"system_prompt": "a", "files": []}, meta={"icon": "x"}, mine=1)
    path = f"/api/v1/folders/{folder_id}/update"
    changed = person.post(path, {"name": "Home", "data": {"system_prompt": "b"}, "theirs": 2}).json()
    assert (changed["name"], changed["data"], changed["meta"]) == (
        "Home",
        {"system_prompt": "b", "files": []},
        {"icon": "x"},
    )
    assert (changed["mine"], changed["theirs"]) == (1, 2)
    assert person.post(path, {"user_id": "me", "parent_id": "x", "id": "y"}).json()["id"] == folder_id
    expanded = person.post(f"{path}/expanded", {"is_expanded": True}).json()
    assert (expanded["is_expanded"], expanded["data"]["system_prompt"]) == (True, "b")
    assert person.get("/api/v1/folders/").json()[0]["is_expanded"] is True


def test_names_are_unique_among_siblings_only(person: Person) -> None:
    work, home = make(person, "Work"), make(person, "Home")
    make(person, "work", work)
    for refused in (
        person.post("/api/v1/folders/", {"name": "WORK"}),
        person.post("/api/v1/folders/", {"name": "Work", "parent_id": work}),
        person.post(f"/api/v1/folders/{home}/update", {"name": "work"}),
    ):
        assert refused.status_code == 400
        assert "name" in refused.json()["detail"]
    assert person.post(f"/api/v1/folders/{work}/update", {"name": "wOrK"}).status_code == 200
    inner = make(person, "Home", work)
    assert move(person, inner, None) == 400
    assert sorted(each["name"] for each in person.get("/api/v1/folders/").json()) == ["Home", "Home", "wOrK", "work"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 201])
def test_a_name_has_to_be_one(person: Person, name: str) -> None:
    assert person.post("/api/v1/folders/", {"name": name}).status_code == 400


@pytest.mark.parametrize("form", [{}, {"name": 5}, {"name": "x", "data": []}, {"name": "x", "parent_id": "a/b"}])
def test_a_wrong_form_is_refused_in_words(person: Person, form: dict[str, Any]) -> None:
    answer = person.post("/api/v1/folders/", form)
    assert answer.status_code == 422
    assert isinstance(answer.json()["detail"], str)


def test_what_is_too_much_for_a_folder_is_refused(person: Person) -> None:
    answer = person.post("/api/v1/folders/", {"name": "x", "data": {"system_prompt": "x" * 300_000}})
    assert answer.status_code == 413
    assert person.get("/api/v1/folders/").json() == []


def test_a_folder_moves_and_never_into_itself(person: Person) -> None:
    top = make(person, "top")
    middle = make(person, "middle", top)
    bottom = make(person, "bottom", middle)
    for target in (top, middle, bottom):
        assert move(person, top, target) == 400
    assert move(person, bottom, top) == 200
    assert move(person, bottom, top) == 200, "where it is already"
    assert tree(person) == {"top": None, "middle": "top", "bottom": "top"}
    assert move(person, middle, None) == 200
    assert move(person, top, "nowhere") == 404
    assert tree(person) == {"top": None, "middle": None, "bottom": "top"}


def test_two_moves_at_once_make_no_circle(person: Person) -> None:
    for _ in range(3):
        one, two = make(person, "one"), make(person, "two")
        with ThreadPoolExecutor(2) as pool:
            moves = [pool.submit(move, person, one, two), pool.submit(move, person, two, one)]
        assert sorted(each.result() for each in moves) == [200, 400]
        for folder_id in (one, two):
            person.delete(f"/api/v1/folders/{folder_id}")
        assert tree(person) == {}


def test_two_folders_of_one_name_at_once_are_one(person: Person) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: person.post("/api/v1/folders/", {"name": "same"}).status_code, range(4)))
    assert sorted(answers) == [200, 400, 400, 400]


def test_another_persons_folder_is_not_there(person: Person, other: Person) -> None:
    folder_id = make(person, "Private")
    chat_id = other.post("/api/v1/chats/new", {"chat": {"title": "x"}, "folder_id": folder_id}).json()["id"]
    assert other.get(f"/api/v1/chats/{chat_id}").json()["folder_id"] is None
    path = f"/api/v1/folders/{folder_id}"
    for answer in (
        other.get(path),
        other.delete(path),
        other.post(f"{path}/update", {"name": "Mine"}),
        other.post(f"{path}/update/parent", {"parent_id": None}),
        other.post(f"{path}/update/expanded", {"is_expanded": True}),
        other.post("/api/v1/folders/", {"name": "In it", "parent_id": folder_id}),
        other.post(f"/api/v1/chats/{chat_id}/folder", {"folder_id": folder_id}),
        other.get(f"/api/v1/chats/folder/{folder_id}"),
        other.get(f"/api/v1/chats/folder/{folder_id}/list"),
    ):
        assert answer.status_code == 404, answer.request.url
    assert folders.folder(other.id, folder_id) is None
    assert tree(person) == {"Private": None}
