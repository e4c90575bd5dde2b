"""Models that run in the stage: fetched from the hub with their checksums, then embedding and ranking for real."""

import math

import pytest

from shared.errors import Invalid
from shared.llm.errors import ProviderError
from shared.retrieval import local_models, spaces
from shared.retrieval.local_models import Fetching
from shared.storage import objects
from tests.support.hub_server import DIMENSION, MODEL, Hub

TEXTS = ["A cat sleeps on the warm sofa.", "The central bank raised interest rates.", "Kittens like to nap. " * 40]


def cosine(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def test_a_model_comes_from_the_hub_on_its_first_use_then_embeds_and_ranks(hub: Hub) -> None:
    for key in objects.keys("local-models/"):
        objects.delete(key)
    with pytest.raises(Fetching, match="being fetched"):
        local_models.embed(MODEL, TEXTS)
    known = local_models.state(MODEL)
    assert known is not None
    assert (known.status, known.progress) == ("ready", 100)
    assert set(hub.asked) == {
        "onnx/model_quantized.onnx",
        "tokenizer.json",
        "1_Pooling/config.json",
        "sentence_bert_config.json",
    }

    [question, *vectors] = local_models.embed(MODEL, ["where do cats rest?", *TEXTS])
    assert {len(vector) for vector in vectors} == {DIMENSION}
    assert all(math.isclose(cosine(vector, vector), 1, abs_tol=1e-5) for vector in vectors)
    cat, bank, kittens = (cosine(question, vector) for vector in vectors)
    assert cat > bank + 0.3
    assert kittens > bank + 0.2
    alone = local_models.embed(MODEL, TEXTS[:1])[0]
    assert cosine(alone, vectors[0]) > 0.98  # whoever is in the batch beside it

    scores = local_models.rank(MODEL, "where do cats rest?", TEXTS)
    assert max(scores) == scores[0]
    assert all(0 <= score <= 1 for score in scores)
    assert local_models.rank(MODEL, "anything", []) == []


def test_a_damaged_file_is_not_kept_and_said(hub: Hub) -> None:
    for key in objects.keys("local-models/"):
        objects.delete(key)
    hub.damaged = "tokenizer.json"
    with pytest.raises(ProviderError, match="checksum"):
        local_models.embed(MODEL, TEXTS)
    assert f"local-models/{MODEL}/manifest.json" not in objects.keys("local-models/")
    asked = len(hub.asked)
    with pytest.raises(ProviderError, match="checksum"):
        local_models.embed(MODEL, TEXTS)
    assert len(hub.asked) == asked, "what failed a moment ago is not tried again at once"


def test_a_model_that_cannot_run_here_is_told_in_words(hub: Hub) -> None:
    hub.repositories["someone/pytorch-only"] = {"model.safetensors": b"x", "config.json": b"{}"}
    for name, said in (("someone/pytorch-only", "no ONNX file"), ("nobody/nothing", "has no model nobody/nothing")):
        with pytest.raises(ProviderError, match=said):
            local_models.embed(name, ["text"])
    with pytest.raises(Invalid, match="named on the hub"):
        local_models.embed("../../etc", ["text"])


def test_the_chosen_model_is_asked_again_as_soon_as_it_has_come(hub: Hub) -> None:
    for key in objects.keys("local-models/"):
        objects.delete(key)
    assert spaces.settle() is None
    assert "being fetched" in spaces.state().trouble
    building = spaces.settle()
    assert building is not None
    assert building.dimension == DIMENSION
    assert spaces.state().trouble == ""
