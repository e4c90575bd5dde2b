"""Memories: add, change, find, delete, and that they are nobody else's."""

from collections.abc import Sequence

import pytest

from shared.knowledge import memories, recall
from shared.llm.errors import ProviderError, Trouble
from shared.retrieval import spaces
from shared.retrieval.spaces import Target
from shared.search.protocol import Space
from tests.contract.chats.people import Person

WORDS = ("tea", "coffee", "berlin")


class Counting:
    """An embedding model of three words."""

    def __init__(self, space: str = "words-3") -> None:
        self.space, self.embedded, self.broken = Space(space, 3), 0, False

    def embed(self, texts: Sequence[str], kind: str) -> list[list[float]]:
        if self.broken:
            raise ProviderError(Trouble.UNREACHABLE, "The embedding model cannot be reached.")
        self.embedded += len(texts) if kind == "passage" else 0
        return [[float(text.lower().count(word)) for word in WORDS] for text in texts]


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Counting:
    model = Counting()
    monkeypatch.setattr(spaces, "answering", lambda: Target(model.space, model))
    return model


def added(person: Person, content: str) -> str:
    answer = person.post("/api/v1/memories/add", {"content": content})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def test_memories_are_added_changed_listed_and_deleted(person: Person, other: Person) -> None:
    first, second = added(person, " I like tea. "), added(person, "I live in Berlin.")
    assert [one["content"] for one in person.get("/api/v1/memories/").json()] == ["I like tea.", "I live in Berlin."]
    assert other.get("/api/v1/memories/").json() == []
    changed = person.post(f"/api/v1/memories/{first}/update", {"content": "I like coffee."}).json()
    assert (changed["content"], changed["user_id"]) == ("I like coffee.", person.id)
    assert person.post(f"/api/v1/memories/{first}/update", {}).json()["content"] == "I like coffee."
    for call in (
        other.post(f"/api/v1/memories/{first}/update", {"content": "x"}),
        other.delete(f"/api/v1/memories/{first}"),
        person.post("/api/v1/memories/gone/update", {"content": "x"}),
    ):
        assert call.status_code == 404
    assert person.delete(f"/api/v1/memories/{first}").json() is True
    assert [one["id"] for one in person.get("/api/v1/memories/").json()] == [second]
    assert person.delete("/api/v1/memories/delete/user").json() is True
    assert person.get("/api/v1/memories/").json() == []


def test_the_nearest_memories_are_found_and_read_once(person: Person, other: Person, model: Counting) -> None:
    added(other, "I love tea more than anybody.")
    for content in ("I like tea.", "I like coffee.", "I live in Berlin."):
        added(person, content)
    found = person.post("/api/v1/memories/query", {"content": "Which tea shop in Berlin?", "k": 2}).json()
    assert set(found["documents"][0]) == {"I like tea.", "I live in Berlin."}
    assert found["distances"][0][0] == pytest.approx((1 + 2**-0.5) / 2, abs=0.001)
    assert model.embedded == 4
    [memory, *_] = memories.of_user(person.id)
    memories.change(person.id, memory.memory_id, "I gave up tea for coffee.")
    [(found_one, _), *_] = recall.recall(person.id, "tea or coffee", 1, recall.LEAST_LIKE)
    assert found_one.content == "I gave up tea for coffee."
    assert model.embedded == 5
    assert person.post("/api/v1/memories/reset").json() is True
    assert model.embedded == 8
    assert len(person.get("/api/v1/memories/ef").json()["result"]) == 3


def test_another_model_reads_them_anew_and_one_that_is_away_leaves_words(person: Person, model: Counting) -> None:
    added(person, "I like tea.")
    added(person, "I live in Berlin.")
    model.space = Space("other-3", 3)
    recall.recall(person.id, "tea", 1)
    assert model.embedded == 4
    model.broken = True
    [(found, _)] = recall.recall(person.id, "What is there to see in Berlin?", 3)
    assert found.content == "I live in Berlin."
    added(person, "Kept all the same.")


def test_without_a_model_memories_are_found_by_words(person: Person) -> None:
    assert person.post("/api/v1/memories/query", {"content": "tea"}).status_code == 404
    added(person, "I like green tea.")
    added(person, "私は東京に住んでいます")
    for question, wanted in (("Any TEA?", "I like green tea."), ("東京の天気は", "私は東京に住んでいます")):
        found = person.post("/api/v1/memories/query", {"content": question, "k": 5}).json()
        assert found["documents"] == [[wanted]]
    assert person.post("/api/v1/memories/query", {"content": "Bahnhof"}).json()["ids"] == [[]]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("add", {}),
        ("add", {"content": "  "}),
        ("add", {"content": "x" * 2001}),
        ("query", {"content": "x", "k": 0}),
        ("query", {"k": 1}),
    ],
)
def test_what_cannot_be_is_refused_in_words(person: Person, path: str, body: dict[str, object]) -> None:
    answer = person.post(f"/api/v1/memories/{path}", body)
    assert answer.status_code == 422
    assert answer.json()["detail"]
