"""Rerankers by their services: what is asked, and the answers of several kinds of them."""

import json
from typing import Any

import pytest

from shared.identity import sealed
from shared.llm.errors import ProviderError, Trouble
from shared.retrieval import rerankers
from shared.retrieval.rerankers import Endpoint, Local, OnBedrock, reranker, scores_of
from shared.retrieval.settings import RetrievalSettings
from tests.support.recorded import Player, Recording

COHERE = {
    "id": "07734bd2",
    "results": [{"index": 1, "relevance_score": 0.98}, {"index": 0, "relevance_score": 0.02}],
    "meta": {"api_version": {"version": "2"}},
}
JINA = {
    "model": "jina-reranker-v2-base-multilingual",
    "usage": {"total_tokens": 42},
    "results": [
        {"index": 1, "relevance_score": 0.98, "document": {"text": "b"}},
        {"index": 0, "relevance_score": 0.02, "document": {"text": "a"}},
    ],
}
VOYAGE = {"object": "list", "data": [{"index": 1, "relevance_score": 0.98}, {"index": 0, "relevance_score": 0.02}]}
TEXT_EMBEDDINGS_INFERENCE = [{"index": 1, "score": 0.98}, {"index": 0, "score": 0.02}]


@pytest.mark.parametrize("answer", [COHERE, JINA, VOYAGE, TEXT_EMBEDDINGS_INFERENCE])
def test_services_of_several_kinds_rank(answer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    player = Player([Recording(json.dumps(answer).encode())])
    monkeypatch.setattr(rerankers, "_client", lambda: player.client)
    assert Endpoint("http://r.example/rerank", "k", "m").rank("q", ["a", "b"]) == [0.02, 0.98]
    assert player.body() == {"model": "m", "query": "q", "documents": ["a", "b"], "top_n": 2}
    assert player.requests[0].headers["authorization"] == "Bearer k"


@pytest.mark.parametrize(
    ("recording", "trouble"),
    [
        (Recording(b'{"message": "invalid api token"}', 401), Trouble.KEY),
        (Recording(b'{"results": [{"index": 9, "relevance_score": 1}]}'), Trouble.REQUEST),
        (Recording(b'{"error": "x"}'), Trouble.REQUEST),
        (Recording(b"<html>"), Trouble.REQUEST),
    ],
)
def test_what_is_no_ranking_is_told(recording: Recording, trouble: Trouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rerankers, "_client", lambda: Player([recording]).client)
    with pytest.raises(ProviderError) as told:
        Endpoint("http://r.example/rerank", "", "m").rank("q", ["a"])
    assert told.value.trouble is trouble


def test_what_a_service_leaves_out_has_no_score_and_none_is_out_of_bounds() -> None:
    assert scores_of({"results": [{"index": 2, "relevance_score": 7.1}, {"index": 0, "score": -1}]}, 3) == [0, 0, 1]


def test_the_one_that_an_admin_chose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed, "opened", lambda value, context: value)
    assert reranker(RetrievalSettings()) is None
    assert reranker(RetrievalSettings(rag_reranking_engine="external", rag_reranking_model="m")) is None
    url = "http://r.example"
    chosen: list[tuple[dict[str, str], type]] = [
        ({"rag_reranking_model": "cross-encoder/x"}, Local),
        ({"rag_reranking_engine": "external", "rag_external_reranker_url": url}, Endpoint),
        ({"rag_reranking_engine": "bedrock", "rag_reranking_model": "cohere.rerank-v3-5:0"}, OnBedrock),
    ]
    for values, kind in chosen:
        assert isinstance(reranker(RetrievalSettings(**values)), kind)  # type: ignore[arg-type]
