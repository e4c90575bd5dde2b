"""Texts in memory ranked as an index would."""

from collections.abc import Sequence

import pytest

from shared.llm.errors import ProviderError, Trouble
from shared.retrieval import ranking
from shared.retrieval.ranking import ranked
from shared.retrieval.settings import RetrievalSettings
from shared.retrieval.spaces import LEXICAL, Target
from shared.retrieval.web.pages import Page
from shared.retrieval.web.searching import passages
from shared.search.protocol import Space

TEXTS = ["Bread needs flour, water and salt.", "The Moon makes tides.", "Salt water is heavier than fresh water."]


class Embedder:
    """Knows that sea and tides are alike."""

    space = Space("m", 2)
    fails = False

    def embed(self, texts: Sequence[str], kind: str) -> list[list[float]]:
        if self.fails:
            raise ProviderError(Trouble.UNREACHABLE, "Away.")
        return [[1.0, 0.1] if "sea" in text or "tides" in text else [0.1, 1.0] for text in texts]


@pytest.fixture
def embedder(monkeypatch: pytest.MonkeyPatch) -> Embedder:
    model = Embedder()
    monkeypatch.setattr(ranking.spaces, "answering", lambda: Target(Space("m", 2), model))
    monkeypatch.setattr(ranking.spaces, "report", lambda trouble: None)
    return model


def test_by_words_without_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking.spaces, "answering", lambda: Target(LEXICAL, None))
    assert [index for index, _ in ranked(TEXTS, ["salt water"], RetrievalSettings())] == [2, 0]
    assert ranked(TEXTS, ["salt water"], RetrievalSettings())[0][1] == 1.0
    assert ranked(TEXTS, ["nothing of it"], RetrievalSettings()) == []
    assert ranked([], ["x"], RetrievalSettings()) == ranked(TEXTS, [], RetrievalSettings()) == []


def test_by_meaning_and_words_with_a_model_that_answers(embedder: Embedder) -> None:
    section = RetrievalSettings()
    assert ranked(TEXTS, ["what moves the sea"], section)[0][0] == 1
    best = dict(ranked(TEXTS, ["salt water", "what moves the sea"], section))
    assert best.keys() == {0, 1, 2}
    embedder.fails = True
    assert ranked(TEXTS, ["who moves seas"], section) == [], "no word is shared"


def test_the_passages_of_pages_that_answer(embedder: Embedder) -> None:
    pages = [Page(f"http://p.example/{n}", f"Page {n}", text) for n, text in enumerate(TEXTS)]
    best = passages(pages, ["what moves the sea"], RetrievalSettings())[0]
    assert (best.file_id, best.name, best.metadata["source"]) == ("http://p.example/1", "Page 1", "http://p.example/1")
    section = RetrievalSettings()
    section.web.bypass_web_search_embedding_and_retrieval = True
    assert [source.text for source in passages(pages, ["x"], section)] == TEXTS
