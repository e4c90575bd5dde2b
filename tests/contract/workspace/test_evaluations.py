"""Feedback, the arena's settings, the leaderboard."""

from typing import Any

import pytest

from functions.workspace import votes
from shared import feedback
from shared.evaluations import EvaluationsSection
from shared.sections import load
from shared.settings import settings
from shared.storage import objects
from shared.storage.aws import dynamodb
from tests.contract.chats.people import Person, counted

ROOT = "/api/v1/evaluations"
SNAPSHOT = {"chat": {"id": "c", "chat": {"title": "T", "history": {"messages": {"m": {"content": "🙂" * 100}}}}}}


def rating(model: str = "a", others: list[str] | None = None, value: Any = 1, **more: Any) -> dict[str, Any]:
    data = {"rating": value, "model_id": model, "sibling_model_ids": others, **more.pop("data", {})}
    return {"type": "rating", "data": data, "meta": {"chat_id": "c", "message_id": "m", **more.pop("meta", {})}, **more}


def made(person: Person, **form: Any) -> dict[str, Any]:
    answer = person.post(f"{ROOT}/feedback", form or rating())
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def leaders(admin: Person, **query: str) -> dict[str, Any]:
    answer = admin.get(f"{ROOT}/leaderboard", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def rows(table: str) -> int:
    return int(dynamodb().scan(TableName=table, Select="COUNT")["Count"])


def test_feedback_comes_back_whole_with_what_the_server_does_not_know(person: Person) -> None:
    form = rating(
        data={"reason": "accurate", "details": {"rating": 9}}, meta={"arena": True}, snapshot=SNAPSHOT, client="x"
    )
    created = made(person, **form)
    assert {name: created[name] for name in form} == form
    assert (created["user_id"], created["version"]) == (person.id, 0)
    assert person.get(f"{ROOT}/feedback/{created['id']}").json() == created
    (listed,) = person.get(f"{ROOT}/feedbacks/user").json()
    assert "snapshot" not in listed
    assert listed["data"] == form["data"]


def test_a_change_replaces_the_parts_it_has(person: Person) -> None:
    before = made(person, **rating(snapshot=SNAPSHOT))
    change = {"type": "rating", "data": {"rating": -1, "model_id": "a", "comment": "No"}}
    after = person.post(f"{ROOT}/feedback/{before['id']}", change).json()
    assert after["data"] == change["data"]
    assert (after["meta"], after["snapshot"], after["version"]) == (before["meta"], before["snapshot"], 1)


def test_feedback_is_its_owners_and_admins(person: Person, other: Person, admin: Person) -> None:
    path = f"{ROOT}/feedback/{made(person)['id']}"
    for call in (other.get(path), other.post(path, rating()), other.delete(path)):
        assert call.status_code == 404
    assert other.get(f"{ROOT}/feedbacks/user").json() == []
    assert admin.post(path, rating(value=-1)).json()["user_id"] == person.id
    (listed,) = admin.get(f"{ROOT}/feedbacks/all").json()
    assert listed["user"]["id"] == person.id
    assert admin.delete(path).json() is True
    assert person.get(path).status_code == 404


def test_nothing_is_left_of_deleted_feedback(person: Person, other: Person, admin: Person) -> None:
    for _ in range(2):
        made(person, **rating(others=["b"], snapshot=SNAPSHOT))
    kept = made(other, **rating(snapshot=SNAPSHOT))
    assert person.delete(f"{ROOT}/feedbacks").json() is True
    assert person.delete(f"{ROOT}/feedbacks").json() is False
    assert [one["id"] for one in admin.get(f"{ROOT}/feedbacks/all/export").json()] == [kept["id"]]
    assert admin.delete(f"{ROOT}/feedbacks/all").json() is True
    assert not list(objects.keys("feedback/"))
    assert rows(settings().workspace_table) == 3, "that three votes were deleted"


def test_an_export_has_snapshots_and_comes_in_parts(person: Person, admin: Person) -> None:
    ids = [made(person, **rating(snapshot=SNAPSHOT))["id"] for _ in range(5)]
    whole = admin.get(f"{ROOT}/feedbacks/all/export").json()
    assert [one["id"] for one in whole] == ids[::-1]
    assert all(one["snapshot"] == SNAPSHOT for one in whole)
    for path in ("all", "all/export"):
        first = admin.get(f"{ROOT}/feedbacks/{path}", params={"limit": 3}).json()
        rest = admin.get(f"{ROOT}/feedbacks/{path}", params={"limit": 3, "after": first[-1]["id"]}).json()
        assert [one["id"] for one in first + rest] == ids[::-1]


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({}, 422),
        ({"type": ""}, 422),
        ({"type": "rating", "data": 1}, 422),
        ({"type": "rating", "data": {"sibling_model_ids": "b"}}, 422),
        ({"type": "rating", "data": {"comment": "x" * 100_001}}, 413),
    ],
)
def test_what_is_not_right_is_refused_in_words(person: Person, form: dict[str, Any], status: int) -> None:
    answer = person.post(f"{ROOT}/feedback", form)
    assert answer.status_code == status
    assert isinstance(answer.json()["detail"], str)


def test_the_leaderboard_follows_votes_as_they_come_change_and_go(person: Person, admin: Person) -> None:
    assert leaders(admin) == {"models": [], "tags": [], "votes": 0}
    first = made(person, **rating("a", ["b"], meta={"tags": ["Code"]}))
    board = leaders(admin)
    assert [(one["model_id"], one["rating"], one["won"], one["lost"]) for one in board["models"]] == [
        ("a", 1016, 1, 0),
        ("b", 984, 0, 1),
    ]
    assert board["tags"] == [{"tag": "Code", "votes": 1}]
    made(person, **rating("b", ["a"]))
    assert [one["model_id"] for one in leaders(admin)["models"]] == ["b", "a"], "beating the better one counts more"
    assert leaders(admin, tag="code")["votes"] == 1
    assert leaders(admin, tag="poems")["votes"] == 0
    person.post(f"{ROOT}/feedback/{first['id']}", rating("a", ["b"], value=-1))
    assert leaders(admin)["models"][0] | {"history": []} == {
        "model_id": "b",
        "rating": 1031,
        "won": 2,
        "lost": 0,
        "up": 1,
        "down": 0,
        "history": [],
    }
    person.delete(f"{ROOT}/feedback/{first['id']}")
    assert leaders(admin)["models"][0]["rating"] == 1016


def test_a_comment_is_no_vote_and_a_lone_vote_no_comparison(person: Person, admin: Person) -> None:
    made(person, **rating(value=None))
    lone = made(person, **rating("solo", value="-1"))
    (only,) = leaders(admin)["models"]
    assert (only["model_id"], only["rating"], only["down"]) == ("solo", None, 1)
    person.post(f"{ROOT}/feedback/{lone['id']}", {"type": "rating", "data": {"comment": "Taken back"}})
    assert leaders(admin)["models"] == []


@pytest.fixture
def many() -> list[str]:
    """Votes of long ago, of which a copy is kept."""
    ids = [feedback.new_id(1_700_000_000_000 + number * 60_000) for number in range(300)]
    with feedback.VoteItem.batch_write() as batch:
        for number, vote_id in enumerate(ids):
            batch.save(feedback.VoteItem.of(vote_id, f'[1,"a",["b"],["tag {number % 3}"]]'))
    return ids


def test_a_warm_function_reads_only_votes_that_came_since(person: Person, admin: Person, many: list[str]) -> None:
    assert leaders(admin)["votes"] == len(many)
    made(person)
    with counted(settings().workspace_table) as calls:
        assert leaders(admin)["votes"] == 301
    assert sorted(calls.names) == ["BatchGetItem", "Query", "Query"]
    assert calls.items <= 3


def test_a_cold_function_takes_the_copy_and_what_came_and_changed_since(
    person: Person, admin: Person, many: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(votes, "COPY_VOTES", 100)
    monkeypatch.setattr(votes, "_PAGE", 100)
    assert leaders(admin)["votes"] == 300
    made(person, **rating("b", ["a"]))
    _vote_again(many[7], '[-1,"a",["b"],[]]')
    _vote_again(many[8], None)
    for _ in range(2):
        votes.forget()
        with counted(settings().workspace_table) as calls:
            cold = leaders(admin)
        assert calls.items <= 6, calls.names
        assert cold["votes"] == 300
        assert cold["tags"] == [
            {"tag": f"tag {number}", "votes": count} for number, count in ((0, 100), (1, 99), (2, 99))
        ]
    votes.forget()
    objects.delete(feedback.COPIED_VOTES)
    assert leaders(admin) == cold


def test_a_copy_that_somebody_else_has_replaced_is_taken_over(
    person: Person, admin: Person, many: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(votes, "COPY_VOTES", 100)
    leaders(admin)
    mine = votes._known
    votes.forget()
    _vote_again(many[7], None)
    assert leaders(admin)["votes"] == 299
    _vote_again(many[8], None)
    monkeypatch.setattr(votes, "_known", mine)
    assert [leaders(admin)["votes"] for _ in range(2)] == [298, 298]


def test_a_copy_does_not_outlive_the_votes(person: Person, admin: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(votes, "COPY_VOTES", 1)
    monkeypatch.setattr(feedback, "_MANY", 1)
    for _ in range(2):
        made(person, **rating(meta={"tags": ["private"]}))
    assert leaders(admin)["votes"] == 2
    person.delete(f"{ROOT}/feedbacks")
    assert objects.size(feedback.COPIED_VOTES) is None
    assert leaders(admin)["votes"] == 0


def _vote_again(vote_id: str, vote: str | None) -> None:
    if vote:
        feedback.VoteItem.of(vote_id, vote).save()
    else:
        feedback.VoteItem(*feedback.VoteItem.key(vote_id)).delete()
    feedback.VoteChangeItem.of(vote_id).save()


def test_the_arena_is_off_until_an_admin_names_its_models(admin: Person) -> None:
    off = {"ENABLE_EVALUATION_ARENA_MODELS": False, "EVALUATION_ARENA_MODELS": []}
    assert admin.get(f"{ROOT}/config").json() == off
    arena = {
        "id": "arena-1",
        "name": "Arena",
        "meta": {
            "profile_image_url": "/favicon.png",
            "description": None,
            "model_ids": ["a", "b"],
            "filter_mode": "include",
            "access_control": None,
        },
        "note": "kept",
    }
    on = {"ENABLE_EVALUATION_ARENA_MODELS": True, "EVALUATION_ARENA_MODELS": [arena]}
    assert admin.post(f"{ROOT}/config", on).json() == on
    assert admin.post(f"{ROOT}/config", {}).json() == on
    assert [one.id for one in load(EvaluationsSection).arena()] == ["arena-1"]
    assert admin.post(f"{ROOT}/config", {"EVALUATION_ARENA_MODELS": [{"id": ""}]}).status_code == 422
    assert admin.get(f"{ROOT}/config").json() == on
