"""From questions to passages: several queries joined, stale and foreign ones dropped, reranked, cut off."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from shared.llm.errors import ProviderError, Trouble
from shared.retrieval import retrieving
from shared.retrieval.retrieving import Options, Source, retrieve
from shared.retrieval.settings import RetrievalSettings
from shared.retrieval.spaces import LEXICAL, Target
from shared.search.protocol import Entry, Hit, Query, Space, Unsupported

SPACE = Space("m-1", 2)


def hit(file_id: str, score: float, *, collection: str = "base", generation: str = "now", number: int = 0) -> Hit:
    entry = Entry(
        f"{generation}-{file_id}-{number}",
        file_id,
        generation,
        number,
        f"{file_id} {number}",
        {"name": f"{file_id}.txt"},
    )
    return Hit(collection, entry, score)


@dataclass
class World:
    """An index that answers queries by their text, a model, a reranker."""

    answers: dict[str, list[Hit]] = field(default_factory=dict)
    words: dict[str, list[Hit]] | None = None
    """What is found by words, where that is something else."""
    asked: list[Query] = field(default_factory=list)
    unsupported: tuple[str, ...] = ()
    fails: bool = False
    told: list[str] = field(default_factory=list)
    scores: dict[str, float] | None = None
    space = SPACE

    def search(self, query: Query) -> list[Hit]:
        if query.mode in self.unsupported:
            raise Unsupported("not this way")
        self.asked.append(query)
        known = self.words if self.words is not None and query.mode == "lexical" else self.answers
        return known.get(query.text, [])[: query.limit]

    def embed(self, texts: Sequence[str], kind: str) -> list[list[float]]:
        if self.fails:
            raise ProviderError(Trouble.UNREACHABLE, "Away.")
        return [[float(len(text)), 1.0] for text in texts]

    def rank(self, query: str, texts: Sequence[str]) -> list[float]:
        if self.scores is None:
            raise ProviderError(Trouble.UNREACHABLE, "Away.")
        return [self.scores.get(text, 0.0) for text in texts]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    ours = World()
    monkeypatch.setattr(retrieving.opening, "index", lambda space: ours)
    monkeypatch.setattr(retrieving.spaces, "answering", lambda: Target(SPACE, ours))
    monkeypatch.setattr(retrieving.spaces, "report", ours.told.append)
    return ours


def everything(collection: str, file_ids: Collection[str]) -> Mapping[str, str]:
    return dict.fromkeys(file_ids, "now")


def found(world: World, *queries: str, collections: Sequence[str] = ("base",), **values: Any) -> list[Source]:
    section = RetrievalSettings(**values)
    return retrieve(collections, queries, section, visible=everything)


def names(sources: list[Source]) -> list[str]:
    return [source.file_id for source in sources]


def test_queries_are_asked_together_and_a_passage_counts_once_with_its_best_score(world: World) -> None:
    world.answers = {
        "one": [hit("a", 0.9), hit("b", 0.5)],
        "two": [hit("b", 0.8), hit("c", 0.7), hit("a", 0.1)],
    }
    sources = found(world, "one", "two", " one ", "", enable_rag_hybrid_search=False)
    assert [(source.file_id, source.score, source.name) for source in sources] == [
        ("a", 0.9, "a.txt"),
        ("b", 0.8, "b.txt"),
        ("c", 0.7, "c.txt"),
    ]
    assert {(query.text, query.mode, str(query.vector)) for query in world.asked} == {
        ("one", "vector", "[3.0, 1.0]"),
        ("two", "vector", "[3.0, 1.0]"),
    }
    assert found(world, "one", collections=()) == found(world, " ") == []


def test_what_the_table_does_not_know_is_not_shown(world: World) -> None:
    world.answers = {
        "q": [hit("stale", 0.9, generation="before"), hit("gone", 0.8), hit("a", 0.7), hit("a", 0.6, collection="left")]
    }

    def visible(collection: str, file_ids: Collection[str]) -> Mapping[str, str]:
        return {"a": "now", "stale": "now"} if collection == "base" else {}

    sources = retrieve(["base", "left"], ["q"], RetrievalSettings(), visible=visible)
    assert [(source.file_id, source.collection) for source in sources] == [("a", "base")]


def test_when_what_comes_first_is_stale_more_is_asked_for(world: World) -> None:
    stale = [hit("x", 0.9, generation="before", number=number) for number in range(60)]
    world.answers = {"q": [*stale, hit("a", 0.5)]}
    assert names(found(world, "q")) == ["a"]
    assert [query.limit for query in world.asked if query.mode == "vector"] == [50, 200]


def test_threshold_and_number(world: World) -> None:
    world.answers = {"q": [hit(str(number), 1 - number / 10) for number in range(10)]}
    assert names(found(world, "q")) == ["0", "1", "2"]
    by_vector = {"enable_rag_hybrid_search": False, "relevance_threshold": 0.75}
    assert names(found(world, "q", top_k=5, **by_vector)) == ["0", "1", "2"]
    options = Options.of(RetrievalSettings(top_k=2))
    assert len(retrieve(["base"], ["q"], RetrievalSettings(), visible=everything, options=options)) == 2


def test_without_a_model_that_answers_words_decide_and_the_admins_are_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.answers, world.fails = {"q": [hit("a", 0.9)]}, True
    assert names(found(world, "q")) == ["a"]
    assert (world.asked[0].mode, world.asked[0].vector, world.told) == ("lexical", None, ["Away."])
    world.fails = False
    found(world, "q")
    assert world.told[-1] == ""
    monkeypatch.setattr(retrieving.spaces, "answering", lambda: Target(LEXICAL, None))
    found(world, "q")
    assert world.asked[-1].mode == "lexical"


def test_words_count_as_much_as_a_passage_has_of_the_questions(world: World) -> None:
    question = "q where is b 0"
    world.answers = {question: [hit("a", 0.9), hit("b", 0.8), hit("c", 0.7)]}
    world.words = {question: [hit("b", 1.0), hit("z", 0.9)]}
    sources = found(world, question)
    assert names(sources)[:2] == ["b", "a"]
    assert all(0 < source.score <= 1 for source in sources)
    assert {(query.mode, query.vector is None) for query in world.asked} == {("lexical", True), ("vector", False)}
    world.words = {question: [hit("z", 1.0)]}
    assert names(found(world, question))[0] == "a", "it has a common word only"


def test_vectors_alone_where_an_admin_or_the_index_wants_it_so(world: World) -> None:
    world.answers = {"q": [hit("a", 0.9)]}
    found(world, "q", enable_rag_hybrid_search=False)
    assert [query.mode for query in world.asked] == ["vector"]
    world.unsupported = ("lexical",)
    assert names(found(world, "q")) == ["a"]


def test_a_reranker_orders_what_was_found_and_its_failing_changes_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.answers = {"q": [hit("a", 0.9), hit("b", 0.8), hit("c", 0.7)]}
    monkeypatch.setattr(retrieving, "reranker", lambda section: world)
    world.scores = {"c 0": 0.95, "a 0": 0.4}
    ranked = found(world, "q", top_k_reranker=2, relevance_threshold=0.1)
    assert [(source.file_id, source.score) for source in ranked] == [("c", 0.95), ("a", 0.4)]
    world.scores = None
    assert names(found(world, "q")) == ["a", "b", "c"]
