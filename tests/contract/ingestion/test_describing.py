"""Pictures in PDFs that a model describes."""

import base64
from collections.abc import Iterator

import pytest

from shared import sections
from shared.files import FileItem
from shared.ingestion.keys import Generation
from shared.llm.connections import EnvironmentConnection, replace_environment_connections
from shared.llm.registry import registry
from shared.retrieval.settings import RetrievalSettings
from shared.segments import read_segments
from shared.storage import objects
from tests.contract.ingestion.machine import Machine, found, fresh, stored
from tests.support import documents
from tests.support.model_server import Behaviour, ModelServer, running

TOLD = "This page tells of the harbour, and what the picture below it shows, in many words. " * 5


@pytest.fixture(scope="module")
def one_server() -> Iterator[ModelServer]:
    with running() as server:
        yield server


@pytest.fixture
def seeing(machine: Machine, one_server: ModelServer) -> Iterator[ModelServer]:
    """A model that describes pictures."""
    one_server.reset()
    registry.forget()
    replace_environment_connections([EnvironmentConnection(one_server.url, "sk-tests")])
    choose(one_server.models[0]["id"])
    yield one_server
    sections.update(RetrievalSettings, lambda _: RetrievalSettings())


def choose(model: str) -> None:
    chosen = {"pdf_extract_images": True, "pdf_image_model": model}
    sections.update(RetrievalSettings, lambda section: section.model_copy(update=chosen))


def illustrated() -> FileItem:
    pictures = [documents.picture(text, size=(500, 120)) for text in ("one", "two")]
    return stored(documents.pdf_of_images(pictures, texts=[TOLD, TOLD]), "harbour.pdf")


def test_what_a_model_says_of_pictures_is_found_on_their_pages(machine: Machine, seeing: ModelServer) -> None:
    said = iter(["A zebra at the pier.", "A giraffe in a boat."])
    seeing.default = Behaviour(reply=lambda _: next(said))
    file = illustrated()
    machine.run()
    assert fresh(file).status == "indexed", fresh(file).reason
    assert found(f"file-{file.file_id}", "zebra") == [file.file_id]
    keys = Generation(file.user_id, file.file_id, str(fresh(file).generation))
    described = list(read_segments(objects.lines(keys.segments("0000-pictures00000"))))
    assert sorted(segment.page or 0 for segment in described) == [0, 1]
    assert sorted(segment.text for segment in described)[0].startswith("[Image: A ")
    assert list(objects.keys(f"{keys.prefix}pictures/")) == []
    shown = seeing.completions()[0].body["messages"][0]["content"][1]["image_url"]["url"]
    assert base64.b64decode(shown.removeprefix("data:image/jpeg;base64,")).startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize(("model", "said"), [("gone", "Model not found: gone"), ("", "")])
def test_what_goes_wrong_with_the_model_is_the_reason(
    machine: Machine, seeing: ModelServer, model: str, said: str
) -> None:
    seeing.default = Behaviour(status=500, error={"message": "It has no eyes"})
    choose(model or seeing.models[0]["id"])
    file = illustrated()
    machine.run()
    assert fresh(file).status == "failed"
    assert str(fresh(file).reason).startswith("The pictures could not be described. ")
    assert said in str(fresh(file).reason)
