"""Another embedding model: its index is built while the old one answers."""

from collections.abc import Iterator

import pytest

from functions.ingestion.sweeping import sweep
from shared import sections
from shared.llm.errors import ProviderError, Trouble
from shared.retrieval import spaces
from shared.retrieval.settings import Embedding
from shared.retrieval.spaces import EmbeddingState, Known
from shared.search.opening import index
from tests.contract.ingestion.machine import Machine, found, fresh, stored


class Model:
    """Vectors of three numbers, from a model that refuses what is in `refused`."""

    refused: dict[str, Trouble] = {}

    def __init__(self, embedding: Embedding, dimension: int) -> None:
        self.space = Known(embedding=embedding, dimension=dimension).space

    def embed(self, texts: list[str], kind: str) -> list[list[float]]:
        for word, trouble in self.refused.items():
            if any(word in text for text in texts):
                raise ProviderError(trouble, "The model refuses.")
        return [[1.0, float(len(text)), 0.5] for text in texts]


@pytest.fixture(autouse=True)
def _model(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(spaces, "Model", Model)
    monkeypatch.setattr(Model, "refused", {})
    sections.update(EmbeddingState, lambda _: EmbeddingState())
    yield
    sections.update(EmbeddingState, lambda _: EmbeddingState())


def build(model: str, begun: int = 0) -> spaces.Space:
    """Has an index built for a model."""
    known = Known(embedding=Embedding(engine="openai", model=model), dimension=3, begun=begun)
    sections.update(EmbeddingState, lambda state: state.model_copy(update={"building": known}))
    return known.space


def test_everything_is_in_the_new_index_before_it_answers(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    old = [stored(f"words of file {number}", f"{number}.txt") for number in range(3)]
    machine.run()
    first = build("first")
    assert sweep(lambda: True)["started"] == 1
    new = stored("words that came meanwhile")
    assert fresh(old[0]).status == "queued"
    assert found(f"file-{old[0].file_id}", "words"), "the old index answers"
    machine.run()
    assert spaces.answering(fresh=True).space == first
    assert spaces.state(fresh=True).building is None
    sweep(lambda: True)
    assert index(spaces.LEXICAL).count(f"file-{new.file_id}") == 1, "functions may still ask it"
    monkeypatch.setattr(spaces, "LEAVING_SECONDS", -1)
    sweep(lambda: True)
    assert spaces.state(fresh=True).leaving == ()
    for file in (*old, new):
        assert index(first).count(f"file-{file.file_id}") == 1
        assert index(spaces.LEXICAL).count(f"file-{file.file_id}") == 0, "the old index is gone"
        assert found(f"file-{file.file_id}", "words") == [file.file_id]
        assert fresh(file).status == "indexed"


def test_a_model_that_is_chosen_again_gets_an_index_with_everything_in_it(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spaces, "LEAVING_SECONDS", -1)
    file = stored("words of a file")
    machine.run()
    answered = []
    for begun, model in enumerate(("first", "second", "first"), start=1):
        answered.append(build(model, begun))
        sweep(lambda: True)
        machine.run()
        sweep(lambda: True)
        assert spaces.answering(fresh=True).space == answered[-1]
        assert index(answered[-1]).count(f"file-{file.file_id}") == 1
    assert len({space.id for space in answered}) == 3


def test_a_model_that_refuses_some_text_is_switched_to_and_one_that_refuses_all_is_not(machine: Machine) -> None:
    odd, plain = stored("odd words"), stored("plain words", "b.txt")
    machine.run()
    space = build("second")
    Model.refused = {"words": Trouble.KEY}
    sweep(lambda: True)
    assert machine.run() == 1, "it is tried again with the next sweep, not at once"
    assert spaces.answering(fresh=True).space == spaces.LEXICAL
    assert {fresh(file).status for file in (odd, plain)} == {"indexed"}, "the old index has them"
    Model.refused = {"odd": Trouble.CONTEXT}
    sweep(lambda: True)
    machine.run()
    assert spaces.answering(fresh=True).space == space
    assert (index(space).count(f"file-{odd.file_id}"), index(space).count(f"file-{plain.file_id}")) == (0, 1)
