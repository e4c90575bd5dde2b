"""Embedding models by their servers: what is sent, in which batches, and what is done when one is busy or odd."""

import asyncio
from typing import Any

import pytest

from shared.identity import sealed
from shared.llm.errors import ProviderError, Trouble
from shared.retrieval import embedders
from shared.retrieval.embedders import Model, space_id
from shared.retrieval.settings import Embedding, Server


class Provider:
    """Answers as OpenAI's API does: the length of a text and a one. `failures` are raised before."""

    def __init__(self, *failures: ProviderError, answer: Any = None) -> None:
        self.failures, self.answer = list(failures), answer
        self.bodies: list[dict[str, Any]] = []

    async def embed(self, body: dict[str, Any]) -> Any:
        self.bodies.append(body)
        if self.failures:
            raise self.failures.pop(0)
        data = [{"index": i, "embedding": [float(len(text)), 1.0]} for i, text in enumerate(body["input"])]
        return self.answer or {"data": data[::-1]}


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was waited, without waiting."""
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(embedders, "sleep", sleep)
    return waited


def model(monkeypatch: pytest.MonkeyPatch, provider: Provider, dimension: int | None = 2, **values: Any) -> Model:
    monkeypatch.setattr(embedders, "_provider", lambda *_: provider)
    return Model(Embedding.model_validate({"engine": "openai", "model": "m", **values}), dimension)


def test_texts_go_in_batches_with_their_prefix_and_come_back_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    provider = Provider()
    ours = model(monkeypatch, provider, batch_size=2, query_prefix="query: ", passage_prefix="p: ", dimensions=256)
    texts = ["a", "bb", "ccc", "dddd", ""]
    assert [vector[0] for vector in ours.embed(texts, "passage")] == [4, 5, 6, 7, 4]
    sent = sorted((body["input"] for body in provider.bodies), key=str)
    assert sent == [["p: -"], ["p: a", "p: bb"], ["p: ccc", "p: dddd"]]
    assert {body["dimensions"] for body in provider.bodies} == {256}
    assert ours.embed(["x"], "query")[0][0] == len("query: x")
    assert ours.embed([], "passage") == []


def test_a_busy_service_is_asked_again_as_it_says_else_after_growing_pauses(
    monkeypatch: pytest.MonkeyPatch, pauses: list[float]
) -> None:
    busy = ProviderError(Trouble.RATE, "Busy.", retry_after=7.5)
    broken = ProviderError(Trouble.OTHER, "500.")
    provider = Provider(busy, broken, broken, ProviderError(Trouble.UNREACHABLE, "Away."))
    assert model(monkeypatch, provider).embed(["a"], "passage") == [[1.0, 1.0]]
    assert pauses[0] == 7.5
    assert 1 <= pauses[1] <= 4
    assert 2 <= pauses[2] <= 8
    assert 4 <= pauses[3] <= 16


def test_a_question_is_not_worth_waiting_for(monkeypatch: pytest.MonkeyPatch, pauses: list[float]) -> None:
    provider = Provider(*[ProviderError(Trouble.UNREACHABLE, "Away.")] * 9)
    with pytest.raises(ProviderError):
        model(monkeypatch, provider).embed(["a"], "query")
    assert (len(provider.bodies), pauses) == (1, [])
    with pytest.raises(ProviderError):
        model(monkeypatch, provider).embed(["a"], "passage")
    assert len(provider.bodies) == 1 + 6


@pytest.mark.parametrize("trouble", [Trouble.KEY, Trouble.MODEL, Trouble.REQUEST, Trouble.REFUSED_ADDRESS])
def test_what_does_not_pass_is_said_at_once(
    trouble: Trouble, monkeypatch: pytest.MonkeyPatch, pauses: list[float]
) -> None:
    with pytest.raises(ProviderError):
        model(monkeypatch, Provider(ProviderError(trouble, "No."))).embed(["a"], "passage")
    assert pauses == []


@pytest.mark.parametrize(
    "answer",
    [
        {"data": [{"index": 0, "embedding": [1.0, 2.0, 3.0]}]},
        {"data": []},
        {"object": "list"},
        {"data": [{"index": 0, "embedding": None}]},
        {"data": [{"index": 0, "embedding": [1.0, float("nan")]}]},
        {"data": [{"index": 0, "embedding": ["1", "2"]}]},
    ],
)
def test_odd_answers_are_refused(answer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ProviderError, match="has answered with"):
        model(monkeypatch, Provider(answer=answer)).embed(["a"], "query")


def test_the_dimension_is_found_by_asking(monkeypatch: pytest.MonkeyPatch) -> None:
    assert model(monkeypatch, Provider(), None).dimension() == 2


def test_each_engine_is_called_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed, "opened", lambda value, context: value)
    embedders._provider.cache_clear()
    servers = {
        "openai": Server(url="http://o.example/v1", key="k1"),
        "ollama": Server(url="http://l.example", key="k2"),
        "azure_openai": Server(url="http://a.example", key="k3", version="v"),
    }
    kinds = {"openai": "OpenAICompatible", "ollama": "Ollama", "azure_openai": "Azure"}
    for engine, kind in kinds.items():
        found = Model(Embedding.model_validate({"engine": engine, **servers}))._provider()
        assert type(found).__name__ == kind
        assert found.endpoint.url == servers[engine].url  # type: ignore[attr-defined]
        assert found.endpoint.key == servers[engine].key  # type: ignore[attr-defined]
    assert type(Model(Embedding(engine="bedrock", region="eu-west-1"))._provider()).__name__ == "Bedrock"


def test_a_space_is_named_by_what_changes_vectors_alone() -> None:
    first = Embedding(engine="openai", model="Org/Text-Embed_3", openai=Server(url="http://a.example"))
    assert space_id(first, 8).startswith("text-embed-3-")
    assert space_id(first, 8) == space_id(
        first.model_copy(update={"openai": Server(url="http://b.example"), "batch_size": 1}), 8
    )
    changes = ({"model": "other"}, {"engine": "ollama"}, {"passage_prefix": "p: "})
    others = {space_id(first.model_copy(update=change), 8) for change in changes}
    assert len({space_id(first, 8), space_id(first, 16), *others}) == 5


def test_embedding_from_a_coroutines_thread_does_not_deadlock(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = model(monkeypatch, Provider())

    async def main() -> list[list[float]]:
        return await asyncio.to_thread(ours.embed, ["a"], "query")

    assert asyncio.run(main()) == [[1.0, 1.0]]


def test_a_question_is_not_waited_for_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(Provider):
        async def embed(self, body: dict[str, Any]) -> Any:
            await asyncio.Event().wait()

    monkeypatch.setattr(embedders, "QUERY_SECONDS", 0.05)
    with pytest.raises(ProviderError) as told:
        model(monkeypatch, Slow()).embed(["a"], "query")
    assert told.value.trouble is Trouble.SILENCE
