"""Recall and nDCG of the search on the texts of this folder, by words, by vectors, by both, and reranked."""

import json
import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from functions.embedder.encoder import Encoder
from shared.retrieval.fusing import DEPTH
from shared.retrieval.retrieving import CANDIDATES, Options, Source, fused_hits, reranked
from shared.retrieval.settings import RetrievalSettings
from shared.search.embedded.adapter import Embedded
from shared.search.embedded.files import Files
from shared.search.protocol import Entry, Hit, Index, Mode, Query, Space
from tests.support.hub_server import DIMENSION, model_files

HERE = Path(__file__).parent
COLLECTION = "eval"
RECALL_AT, NDCG_AT = 5, 10
WAYS = ("lexical", "vector", "hybrid", "hybrid + rerank")

Ranking = Callable[[str], list[str]]
"""The passages for a question, best first."""
Vectors = Mapping[str, list[float]]
"""Of the questions."""


@dataclass(frozen=True)
class Quality:
    """Means over all questions, from 0 to 1."""

    recall: float
    ndcg: float


@dataclass(frozen=True)
class Question:
    """A question, and the passages that answer it."""

    text: str
    answers: frozenset[str]


def measured(wanted: Sequence[str] = WAYS) -> dict[str, Quality]:
    """The quality of some ways of searching."""
    with tempfile.TemporaryDirectory() as folder:
        index, asked = _index(Path(folder)), [question.text for question in questions()]
        vectors = dict(zip(asked, _model().embed(asked).tolist(), strict=True))
        ways = {
            "lexical": _by(index, vectors, "lexical"),
            "vector": _by(index, vectors, "vector"),
            "hybrid": _hybrid(index, vectors),
            "hybrid + rerank": _ranked(index, vectors),
        }
        return {name: quality(ways[name]) for name in wanted}


def quality(ranking: Ranking) -> Quality:
    """Recall at 5, and nDCG at 10 (https://doi.org/10.1145/582415.582418), with an answer counting one."""
    recalls, gains = [], []
    for question in questions():
        found = ranking(question.text)
        hits = [1 if passage in question.answers else 0 for passage in found]
        recalls.append(sum(hits[:RECALL_AT]) / min(RECALL_AT, len(question.answers)))
        ideal = sum(1 / math.log2(place + 2) for place in range(min(NDCG_AT, len(question.answers))))
        gains.append(sum(hit / math.log2(place + 2) for place, hit in enumerate(hits[:NDCG_AT])) / ideal)
    return Quality(sum(recalls) / len(recalls), sum(gains) / len(gains))


@cache
def passages() -> dict[str, str]:
    """The texts of all passages, by `<text>#<heading>`."""
    found = {}
    for path in sorted((HERE / "texts").glob("*.md")):
        for section in path.read_text().split("\n## ") if path.stem != "README" else []:
            heading, _, text = section.removeprefix("## ").partition("\n")
            found[f"{path.stem}#{heading}"] = text.strip()
    return found


@cache
def questions() -> tuple[Question, ...]:
    """All questions; their answers are passages that exist."""
    read = [Question(text, frozenset(answers)) for text, answers in json.loads((HERE / "questions.json").read_text())]
    unknown = {answer for question in read for answer in question.answers} - passages().keys()
    assert not unknown, f"questions.json names passages that are not there: {sorted(unknown)}"
    return tuple(read)


@cache
def _model() -> Encoder:
    """The model that the tests have: all-MiniLM-L6-v2 in eight bits."""
    with tempfile.TemporaryDirectory() as folder:
        for path, content in model_files().items():
            target = Path(folder, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        return Encoder(Path(folder))


def _index(folder: Path) -> Index:
    space = Space("eval", DIMENSION)
    index = Embedded(space, Files(space, folder))
    vectors = _model().embed(list(passages().values()))
    entries = [
        Entry(f"g-{number}", name, "g", number, text, {}, vector.tolist())
        for number, ((name, text), vector) in enumerate(zip(passages().items(), vectors, strict=True))
    ]
    index.write(COLLECTION, entries)
    return index


def _by(index: Index, vectors: Vectors, mode: Mode) -> Ranking:
    return lambda question: [hit.entry.file_id for hit in _found(index, vectors, mode, question)][:NDCG_AT]


def _hybrid(index: Index, vectors: Vectors) -> Ranking:
    return lambda question: [hit.entry.file_id for hit in _both(index, vectors, question)][:NDCG_AT]


def _ranked(index: Index, vectors: Vectors) -> Ranking:
    def ranking(question: str) -> list[str]:
        found = _both(index, vectors, question)[:CANDIDATES]
        sources = [Source(hit.collection, hit.entry.file_id, "", hit.entry.text, hit.score) for hit in found]
        return [source.file_id for source in reranked(_model(), question, sources)][:NDCG_AT]

    return ranking


def _both(index: Index, vectors: Vectors, question: str) -> list[Hit]:
    words, meaning = (_found(index, vectors, mode, question) for mode in ("lexical", "vector"))
    return fused_hits(question, words, meaning, Options.of(RetrievalSettings()))


def _found(index: Index, vectors: Vectors, mode: Mode, question: str) -> list[Hit]:
    vector = None if mode == "lexical" else vectors[question]
    return index.search(Query((COLLECTION,), question, vector, DEPTH, mode=mode))
