"""Importing many chats: what comes in, what is skipped, what is reported, and what an interruption costs."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from functions.transfer import importing, jobs
from functions.transfer.elements import CUT_OFF, NOT_JSON
from shared import files
from shared.chats import saving
from shared.storage import objects
from tests.contract.chats.people import Person
from tests.contract.chats.test_all import PIXEL
from tests.contract.transfer.conftest import Workers, imported, upload

IMPORTS = "/api/v1/chats/imports"


def chat(number: int, **more: Any) -> dict[str, Any]:
    """A chat as it is exported."""
    messages = {
        "q": {"id": "q", "parentId": None, "childrenIds": ["a"], "role": "user", "content": f"Question {number}"},
        "a": {"id": "a", "parentId": "q", "childrenIds": [], "role": "assistant", "content": f"Answer {number}"},
    }
    history = {"messages": messages, "currentId": "a"}
    return {
        "id": f"old-{number}",
        "title": f"Chat {number}",
        "chat": {"title": f"Chat {number}", "models": ["m"], "history": history},
        "created_at": 1600000000 + number,
        "updated_at": 1600000500 + number,
        **more,
    }


def conversation(number: int) -> dict[str, Any]:
    """A conversation of ChatGPT."""
    texts = {"q": ("user", None, ["a"]), "a": ("assistant", "q", [])}
    mapping = {
        key: {
            "id": key,
            "parent": parent,
            "children": children,
            "message": {"author": {"role": role}, "content": {"content_type": "text", "parts": [f"{role} {number}"]}},
        }
        for key, (role, parent, children) in texts.items()
    }
    return {"title": f"GPT {number}", "mapping": mapping, "current_node": "a", "id": f"gpt-{number}"}


def titles(at_chats: Person) -> list[str]:
    return sorted(each["title"] for each in at_chats.get("/api/v1/chats/list?include_pinned=true").json())


def test_chats_come_in_as_they_were(person: Person, at_chats: Person, told: list[dict[str, Any]]) -> None:
    first = chat(1, pinned=True, meta={"tags": ["stars"]})
    first["chat"]["history"]["messages"]["q"]["content"] = f"Look ![it]({PIXEL})"
    end = imported(person, [first, chat(2, archived=True, folder_id="of another server"), chat(3)])
    assert (end["state"], end["imported"], end["skipped"], end["failed"]) == ("done", 3, 0, 0)
    assert (end["format"], end["error"], end["bytes_done"]) == ("Open WebUI", None, end["size"])
    assert titles(at_chats) == ["Chat 1", "Chat 3"]
    pinned = at_chats.get("/api/v1/chats/pinned").json()[0]
    assert (pinned["created_at"], pinned["updated_at"]) == (1600000001, 1600000501)
    read = at_chats.get(f"/api/v1/chats/{pinned['id']}").json()
    assert read["meta"]["tags"] == ["stars"]
    assert "/api/v1/files/" in read["chat"]["history"]["messages"]["q"]["content"]
    assert len(files.of_user(person.id)) == 1
    assert [each["title"] for each in at_chats.get("/api/v1/chats/archived").json()] == ["Chat 2"]
    assert told[-1]["type"] == "chats:import"
    assert told[-1]["data"] == end


def test_one_chat_and_conversations_of_chatgpt(person: Person, at_chats: Person) -> None:
    assert imported(person, chat(1))["imported"] == 1
    end = imported(person, [conversation(1), conversation(2)])
    assert (end["imported"], end["format"]) == (2, "ChatGPT")
    assert titles(at_chats) == ["Chat 1", "GPT 1", "GPT 2"]


def test_what_is_there_already_is_skipped(person: Person, other: Person, at_chats: Person) -> None:
    file = [chat(1), chat(2), conversation(1), chat(1), {**chat(3), "id": None}]
    assert (imported(person, file)["imported"], imported(person, file)["skipped"]) == (4, 5)
    assert imported(other, file)["imported"] == 4, "somebody else has chats of their own"
    assert len(titles(at_chats)) == 4


def test_an_export_of_this_server_is_not_doubled(person: Person, at_chats: Person) -> None:
    made = at_chats.post("/api/v1/chats/new", {"chat": chat(1)["chat"]}).json()
    everything = at_chats.get("/api/v1/chats/all").json()
    assert imported(person, everything)["skipped"] == 1
    at_chats.delete(f"/api/v1/chats/{made['id']}")
    assert imported(person, everything)["imported"] == 1
    assert titles(at_chats) == ["Chat 1"]


def test_a_broken_chat_is_named_and_the_rest_is_kept(person: Person, at_chats: Person) -> None:
    broken = chat(2)
    broken["chat"]["history"]["messages"] = ["not", "an", "object"]
    raw = json.dumps([chat(1), broken, "a text", {"title": "Alien"}, {"x": 1}, chat(3)]).encode()
    raw = raw[:-1] + b', {"title": "Bad JSON", "chat": {"a" 1}}, ' + json.dumps(chat(4)).encode() + b"]"
    end = imported(person, raw)
    assert (end["state"], end["imported"], end["failed"]) == ("done", 3, 5)
    assert [each["name"] for each in end["failures"]] == ["Chat 2", "No. 3", "Alien", "No. 5", "Bad JSON"]
    assert all(each["reason"] for each in end["failures"])
    assert titles(at_chats) == ["Chat 1", "Chat 3", "Chat 4"]


@pytest.mark.parametrize(
    ("raw", "told_them"),
    [(b"Hello, I am no JSON", NOT_JSON), (b"[]", importing.NOTHING), (b'[{"x": 1}]', importing.NOTHING)],
)
def test_what_is_no_export_is_told_in_words(person: Person, raw: bytes, told_them: str) -> None:
    end = imported(person, raw)
    assert (end["state"], end["error"]) == ("failed", told_them)


def test_a_file_that_breaks_off_gives_what_it_has(person: Person, at_chats: Person) -> None:
    end = imported(person, json.dumps([chat(1), chat(2), chat(3)]).encode()[:-100])
    assert (end["state"], end["error"], end["imported"]) == ("failed", CUT_OFF, 2)
    assert titles(at_chats) == ["Chat 1", "Chat 2"]


def test_workers_hand_over_until_all_is_in(
    person: Person, at_chats: Person, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "STEP_CHATS", 2)
    workers.seconds = 30.0
    end = imported(person, [chat(number) for number in range(7)])
    assert (end["state"], end["imported"]) == ("done", 7)
    assert len(workers.calls) >= 4
    assert len(titles(at_chats)) == 7


def test_an_import_that_died_goes_on_where_it_was(
    person: Person, at_chats: Person, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "STEP_CHATS", 2)
    workers.held = True
    import_id = upload(person, [chat(number) for number in range(6)])
    person.post(f"{IMPORTS}/{import_id}/start")
    with monkeypatch.context() as patched:
        _dies_after(patched, 3)
        with pytest.raises(_Killed):
            workers.work(workers.calls[0])
    item = jobs.get(person.id, "import", import_id)
    assert (item.state, item.known.imported) == ("running", 2)
    assert len(titles(at_chats)) == 3
    item.update([jobs.JobItem.heartbeat_at.set(0)])
    assert person.get(f"{IMPORTS}/{import_id}").json()["state"] == "interrupted"
    workers.held = False
    person.post(f"{IMPORTS}/{import_id}/start")
    end = person.get(f"{IMPORTS}/{import_id}").json()
    assert (end["state"], end["imported"], end["skipped"]) == ("done", 6, 0)
    assert len(titles(at_chats)) == 6


class _Killed(BaseException):
    """What a killed process does not catch."""


def _dies_after(monkeypatch: pytest.MonkeyPatch, chats: int) -> None:
    """The process is killed when it has stored so many chats."""
    create: Callable[..., Any] = saving.create
    stored = []

    def dying(*arguments: Any) -> Any:
        if len(stored) == chats:
            raise _Killed
        stored.append(arguments)
        return create(*arguments)

    monkeypatch.setattr(importing.saving, "create", dying)
    monkeypatch.setattr(importing, "in_parallel", lambda work, values: [work(value) for value in values])


def test_a_failure_of_the_server_is_told_and_can_be_gone_on_from(
    person: Person, at_chats: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = upload(person, [chat(1), chat(2)])
    create = saving.create
    monkeypatch.setattr(importing.saving, "create", lambda *_: 1 / 0)
    person.post(f"{IMPORTS}/{import_id}/start")
    failed = person.get(f"{IMPORTS}/{import_id}").json()
    assert (failed["state"], "Start it again" in failed["error"]) == ("failed", True)
    monkeypatch.setattr(importing.saving, "create", create)
    assert person.post(f"{IMPORTS}/{import_id}/start").status_code == 200
    end = person.get(f"{IMPORTS}/{import_id}").json()
    assert (end["state"], end["imported"], end["error"]) == ("done", 2, None)


def test_an_import_can_be_stopped_and_forgotten(person: Person, workers: Workers) -> None:
    workers.held = True
    import_id = upload(person, [chat(1)])
    assert person.post(f"{IMPORTS}/{import_id}/start").json()["state"] == "running"
    person.post(f"{IMPORTS}/{import_id}/start")
    assert len(workers.calls) == 1, "one worker is enough"
    assert person.delete(f"{IMPORTS}/{import_id}").json() is True
    assert workers.work(workers.calls[0]) == {"status": "gone"}
    assert list(objects.keys(f"imports/{person.id}/")) == []
    assert person.get(f"{IMPORTS}/{import_id}").status_code == 404


def test_an_import_is_its_owners(person: Person, other: Person) -> None:
    import_id = upload(person, [chat(1)])
    for answer in (
        other.get(f"{IMPORTS}/{import_id}"),
        other.post(f"{IMPORTS}/{import_id}/start"),
        other.delete(f"{IMPORTS}/{import_id}"),
    ):
        assert answer.status_code == 404
    assert other.get(IMPORTS).json() == []
    assert [each["id"] for each in person.get(IMPORTS).json()] == [import_id]


def test_what_cannot_be_imported_is_refused_before(person: Person) -> None:
    assert person.post(IMPORTS, {"filename": "x.json", "size": 2 * 1024**3}).status_code == 413
    assert person.post(IMPORTS, {"filename": "x.json", "size": 0}).status_code == 400
    assert person.post(IMPORTS, {"filename": "", "size": 5}).status_code == 422
    made = person.post(IMPORTS, {"filename": "x.json", "size": 5}).json()
    refused = person.post(f"{IMPORTS}/{made['id']}/start")
    assert (refused.status_code, "not uploaded" in refused.json()["detail"]) == (409, True)
    assert person.get(f"{IMPORTS}/not-an-id").status_code == 422
