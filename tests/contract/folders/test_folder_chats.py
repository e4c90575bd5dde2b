"""Chats in folders: moved, listed, and what becomes of them when the folder goes."""

from typing import Any

import pytest

from shared.chats import chores, deletion, folders, lists
from shared.chats.models import ChoreItem
from shared.identity.permissions import PermissionsSection
from shared.sections import load, update
from shared.settings import settings
from tests.contract.chats.people import Person, counted
from tests.contract.folders.test_folders import make, tree


def chat_in(person: Person, folder_id: str | None, title: str = "A chat") -> str:
    answer = person.post("/api/v1/chats/new", {"chat": {"title": title}, "folder_id": folder_id})
    assert answer.status_code == 200, answer.text
    assert answer.json()["folder_id"] == folder_id
    return str(answer.json()["id"])


def titles(person: Person, path: str) -> list[str]:
    answer = person.get(path)
    assert answer.status_code == 200, answer.text
    return [each["title"] for each in answer.json()]


def test_a_chat_moves_into_a_folder_and_out(person: Person) -> None:
    folder_id = make(person, "Work")
    chat_id = chat_in(person, None)
    person.post(f"/api/v1/chats/{chat_id}/pin")
    moved = person.post(f"/api/v1/chats/{chat_id}/folder", {"folder_id": folder_id}).json()
    assert (moved["folder_id"], moved["pinned"]) == (folder_id, False)
    assert titles(person, "/api/v1/chats/") == titles(person, "/api/v1/chats/pinned") == []
    assert titles(person, "/api/v1/chats/?include_folders=true") == ["A chat"]
    (listed,) = person.get(f"/api/v1/chats/folder/{folder_id}/list").json()
    assert (listed["id"], listed["title"]) == (chat_id, "A chat")
    assert person.post(f"/api/v1/chats/{chat_id}/folder", {"folder_id": "none"}).status_code == 404
    assert person.post(f"/api/v1/chats/{chat_id}/folder", {"folder_id": None}).json()["folder_id"] is None
    assert titles(person, "/api/v1/chats/") == ["A chat"]


def test_a_folder_is_listed_by_itself_and_whole_with_those_in_it(person: Person) -> None:
    outer = make(person, "outer")
    inner = make(person, "inner", outer)
    chat_in(person, outer, "one")
    chat_in(person, inner, "two")
    pinned = chat_in(person, inner, "pinned")
    person.post(f"/api/v1/chats/{pinned}/pin")
    with counted(settings().chats_table) as calls:
        assert titles(person, f"/api/v1/chats/folder/{outer}/list") == ["one"]
    assert calls.names == ["Query"]
    whole = person.get(f"/api/v1/chats/folder/{outer}").json()
    assert sorted(chat["chat"]["title"] for chat in whole) == ["one", "two"]
    assert titles(person, f"/api/v1/chats/folder/{make(person, 'empty')}/list") == []


def test_the_list_of_a_folder_is_paged(person: Person) -> None:
    folder_id = make(person, "Work")
    for number in range(3):
        chat_in(person, folder_id, str(number))
    page = lists.by_cursor(person.id, [f"folder:{folder_id}"], None, 2)
    rest = person.get(f"/api/v1/chats/folder/{folder_id}/list", params={"cursor": page.cursor}).json()
    assert len(page.chats) == 2
    assert {chat.chat_id for chat in page.chats} | {chat["id"] for chat in rest} == {
        chat["id"] for chat in person.get(f"/api/v1/chats/folder/{folder_id}/list?page=1").json()
    }
    assert titles(person, f"/api/v1/chats/folder/{folder_id}/list?page=2") == []


def test_a_folder_goes_with_all_that_is_in_it(person: Person) -> None:
    outer, kept = make(person, "outer"), chat_in(person, None, "kept")
    inner = make(person, "inner", outer)
    gone = [chat_in(person, outer), chat_in(person, inner), chat_in(person, inner), chat_in(person, inner)]
    person.post(f"/api/v1/chats/{gone[2]}/pin")
    person.post(f"/api/v1/chats/{gone[3]}/archive")
    assert person.delete(f"/api/v1/folders/{outer}").json() is True
    assert tree(person) == {}
    assert [person.get(f"/api/v1/chats/{chat_id}").status_code for chat_id in gone] == [404] * 4
    assert person.get(f"/api/v1/chats/{kept}").status_code == 200
    assert person.delete(f"/api/v1/folders/{outer}").status_code == 404
    assert not list(ChoreItem.query(f"CHORES#{person.id}"))


def test_a_folder_can_go_without_its_chats(person: Person) -> None:
    folder_id = make(person, "Work")
    chat_in(person, folder_id, "in")
    pinned = chat_in(person, folder_id, "pinned")
    person.post(f"/api/v1/chats/{pinned}/pin")
    assert person.delete(f"/api/v1/folders/{folder_id}?delete_contents=false").json() is True
    assert titles(person, "/api/v1/chats/") == ["in"]
    left = person.get(f"/api/v1/chats/{pinned}").json()
    assert (left["folder_id"], left["pinned"]) == (None, True)


def test_a_large_tree_goes_in_several_steps(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.chats.folder_service._AT_ONCE", 2)
    top = make(person, "0")
    below = top
    for number in range(1, 5):
        below = make(person, str(number), below)
    chat_id = chat_in(person, below)
    assert person.delete(f"/api/v1/folders/{top}").json() is True
    assert tree(person) == {}
    assert person.get(f"/api/v1/chats/{chat_id}").status_code == 404


def test_what_a_deleted_folder_leaves_is_finished_in_the_background(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder_id = make(person, "Work")
    chat_id = chat_in(person, folder_id)
    told: list[bool] = []
    with monkeypatch.context() as patch:
        patch.setattr(chores, "REQUEST_SECONDS", -1.0)
        patch.setattr(chores, "later", lambda: told.append(True))
        assert person.delete(f"/api/v1/folders/{folder_id}").json() is True
    assert told == [True]
    assert person.get(f"/api/v1/chats/{chat_id}").status_code == 200
    monkeypatch.setattr(chores, "UNTOUCHED_SECONDS", -2)
    monkeypatch.setattr(deletion, "BROKEN_OFF_SECONDS", -2)
    chores.go_on(float("inf"))
    assert person.get(f"/api/v1/chats/{chat_id}").status_code == 404
    assert not list(ChoreItem.query(f"CHORES#{person.id}"))


def test_a_chat_comes_back_from_the_archive_though_its_folder_is_gone(person: Person) -> None:
    folder_id = make(person, "Work")
    chat_id = chat_in(person, folder_id)
    person.post(f"/api/v1/chats/{chat_id}/archive")
    for model, key in (
        (folders.FolderItem, folders.FolderItem.key(person.id, folder_id)),
        (folders.FolderDataItem, folders.FolderDataItem.key(person.id, folder_id)),
    ):
        model(*key).delete()
    assert person.post(f"/api/v1/chats/{chat_id}/archive").json()["folder_id"] is None
    assert titles(person, "/api/v1/chats/") == ["A chat"]


def test_a_chat_never_ends_up_in_a_folder_that_goes_at_the_same_moment(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder_id = make(person, "Work")
    chat_id = chat_in(person, None)
    known = folders.exists
    answers: list[Any] = []

    def gone_after_the_look(user_id: str, asked: str) -> bool:
        found = known(user_id, asked)
        if len(answers) == 1:
            answers.append(person.delete(f"/api/v1/folders/{folder_id}").status_code)
        answers.append(found)
        return found

    monkeypatch.setattr(folders, "exists", gone_after_the_look)
    person.post(f"/api/v1/chats/{chat_id}/folder", {"folder_id": folder_id})
    assert answers == [True, 200, True, False]
    assert titles(person, "/api/v1/chats/") == ["A chat"]


def test_without_the_right_to_delete_chats_only_an_empty_folder_goes(person: Person) -> None:
    empty, full = make(person, "empty"), make(person, "full")
    inner = make(person, "inner", full)
    chat_in(person, inner)
    before = load(PermissionsSection)

    def forbid(section: PermissionsSection) -> PermissionsSection:
        section.chat.delete = False
        return section

    update(PermissionsSection, forbid)
    try:
        assert person.delete(f"/api/v1/folders/{empty}").status_code == 200
        assert person.delete(f"/api/v1/folders/{full}").status_code == 403
        assert person.delete(f"/api/v1/folders/{full}?delete_contents=false").status_code == 200
    finally:
        update(PermissionsSection, lambda _: before)
