"""Which embedding model's index answers: words alone, then a model, then another one while the old one goes on."""

from collections.abc import Iterator

import pytest

from shared import sections
from shared.llm.errors import ProviderError
from shared.retrieval import spaces
from shared.retrieval.embedders import Model
from shared.retrieval.settings import Embedding, RetrievalSettings, Server, retrieval_settings
from shared.settings import settings
from tests.contract.accounts.members import empty
from tests.support.model_server import ModelServer


@pytest.fixture
def model(emulator: object, server: ModelServer) -> Iterator[ModelServer]:
    """A server whose embeddings an admin has chosen."""
    empty(settings().platform_table)
    sections.forget()
    choose(server, model="first")
    yield server
    sections.forget()


def choose(server: ModelServer, **values: object) -> None:
    chosen = Embedding.model_validate({"engine": "openai", "batch_size": 2, **values})
    chosen.openai = Server(url=server.url)
    sections.update(RetrievalSettings, lambda section: section.model_copy(update={"embedding": chosen}))


def test_a_new_model_is_built_while_the_one_before_it_answers(model: ModelServer) -> None:
    assert spaces.answering(fresh=True) == spaces.Target(spaces.LEXICAL, None)
    first = spaces.settle()
    assert first is not None
    assert first.dimension
    assert spaces.answering(fresh=True).embedder is None
    assert [target.space for target in spaces.targets()] == [spaces.LEXICAL, first]
    spaces.switch(first)
    assert [each.space for each in spaces.state(fresh=True).leaving] == [spaces.LEXICAL]
    answering = spaces.answering(fresh=True)
    assert answering.space == first
    assert answering.embedder is not None
    assert len(answering.embedder.embed(["a", "b", "c"], "passage")) == 3
    assert spaces.settle() is None

    choose(model, model="second")
    second = spaces.settle()
    assert second is not None
    assert second != first
    assert spaces.settle() is None, "it is being built already"
    assert [target.space for target in spaces.targets()] == [first, second]
    assert spaces.embedder(retrieval_settings()) is not None, "what comes meanwhile is embedded by it"

    choose(model, model="first", batch_size=7)
    assert spaces.settle() is None
    assert [target.space for target in spaces.targets()] == [first], "the admin has changed their mind"
    assert [each.space for each in spaces.state(fresh=True).leaving] == [spaces.LEXICAL, second]
    spaces.switch(second)
    assert spaces.answering(fresh=True).space == first
    known = spaces.state(fresh=True).answering
    assert known is not None
    assert known.embedding.batch_size == 7


def test_an_index_that_nobody_wants_any_more_is_not_built_on(model: ModelServer) -> None:
    first = spaces.settle()
    assert first is not None
    choose(model, model="second")
    chosen = retrieval_settings().embedding.model_copy(update={"openai": Server(url="http://127.0.0.1:9")})
    sections.update(RetrievalSettings, lambda section: section.model_copy(update={"embedding": chosen}))
    assert spaces.settle() is None
    assert [target.space for target in spaces.targets()] == [spaces.LEXICAL]
    assert [each.space for each in spaces.state(fresh=True).leaving] == [first], "what there is of it is dropped"
    assert "cannot be reached" in spaces.state().trouble
    spaces.switch(first)
    assert spaces.answering(fresh=True).space == spaces.LEXICAL


def test_a_model_that_does_not_answer_leaves_words_and_says_why(model: ModelServer) -> None:
    choose(model, model="first")
    sections.update(
        RetrievalSettings,
        lambda section: section.model_copy(
            update={"embedding": section.embedding.model_copy(update={"openai": Server(url="http://127.0.0.1:9")})}
        ),
    )
    assert spaces.settle() is None
    assert "cannot be reached" in spaces.state().trouble
    assert spaces.embedder(retrieval_settings()) is None
    asked = spaces.state().asked_at
    assert spaces.settle() is None
    assert spaces.state().asked_at == asked, "it was asked a moment ago"
    choose(model, model="first")
    assert spaces.settle() is not None
    assert spaces.state().trouble == ""


def test_vectors_of_another_length_are_refused_with_what_to_do(model: ModelServer) -> None:
    with pytest.raises(ProviderError, match="numbers in place of 3"):
        Model(retrieval_settings().embedding, 3).embed(["text"], "query")
