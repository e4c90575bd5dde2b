"""Models of several kinds on one runtime: how their outputs become vectors and scores."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from functions.embedder.encoder import Encoder, Unsuitable
from tests.support.hub_server import DIMENSION, model_files

LONG = "many words " * 30


class Session:
    """Gives an output that tells the length of each text."""

    def __init__(self, output: str, width: int) -> None:
        self.output, self.width = output, width

    def run(self, names: None, inputs: dict[str, Any]) -> list[Any]:
        mask = inputs["attention_mask"]
        assert set(inputs["token_type_ids"][0]) <= {0, 1}
        lengths = mask.sum(axis=1)
        if self.output == "last_hidden_state":
            places = np.arange(mask.shape[1], dtype=np.float32)
            tokens = np.stack([np.ones_like(places), places], axis=1)
            return [np.repeat(tokens[None], len(mask), axis=0)]
        logits = np.zeros((len(mask), self.width), dtype=np.float32)
        logits[:, -1] = lengths / 10 - 1
        return [logits]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("model")
    for path, content in model_files().items():
        target = place / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return place


@pytest.fixture(scope="module")
def loaded(folder: Path) -> Encoder:
    return Encoder(folder)


@pytest.fixture
def encoder(loaded: Encoder, monkeypatch: pytest.MonkeyPatch) -> Encoder:
    monkeypatch.setattr(loaded, "_read", {})
    return loaded


def becomes(encoder: Encoder, monkeypatch: pytest.MonkeyPatch, output: str, width: int = 1, **pooling: bool) -> None:
    monkeypatch.setattr(encoder, "_session", Session(output, width))
    monkeypatch.setattr(encoder, "_outputs", [output])
    monkeypatch.setattr(encoder, "_pooling", pooling)


def test_the_real_model_gives_unit_vectors_whatever_the_batch(encoder: Encoder) -> None:
    texts = ["short", LONG * 20, "another one", ""]
    vectors = encoder.embed(texts)
    assert vectors.shape == (4, DIMENSION)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert float(vectors[0] @ encoder.embed(["short"])[0]) > 0.98


@pytest.mark.parametrize("width", [1, 2, 3])
def test_a_cross_encoder_scores_pairs_in_their_order(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    becomes(encoder, monkeypatch, "logits", width)
    texts = [LONG, "a", LONG + LONG, "a b c", *["filler"] * 40]
    scores = encoder.rank("which one", texts)
    assert len(scores) == len(texts)
    assert all(0 <= score <= 1 for score in scores)
    assert scores[2] > scores[0] > scores[3] > scores[1]
    assert encoder.rank("which one", []) == []


@pytest.mark.parametrize(("pooling", "place"), [("pooling_mode_cls_token", 0), ("pooling_mode_lasttoken", 2)])
def test_a_model_says_which_of_its_tokens_stands_for_the_text(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch, pooling: str, place: int
) -> None:
    becomes(encoder, monkeypatch, "last_hidden_state", **{pooling: True})
    [vector, _] = encoder.embed(["word", LONG])  # [CLS] word [SEP]: padding does not count
    assert np.allclose(vector, np.array([1, place]) / np.hypot(1, place), atol=1e-5)


def test_a_model_that_gives_neither_cannot_rank(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    becomes(encoder, monkeypatch, "sentence_embedding")
    with pytest.raises(Unsuitable, match="cross-encoder"):
        encoder.rank("q", ["a"])
