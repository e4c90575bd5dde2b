"""Files that a service of the admin's choice reads."""

import json
from collections.abc import Iterator

import pytest

from functions.ingestion import engines
from shared import sections
from shared.extraction_engines import protocol
from shared.retrieval.settings import RetrievalSettings
from tests.contract.ingestion.machine import Machine, found, fresh, stored
from tests.support import documents
from tests.support.recorded import Player, Recording


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Player]:
    """A loader of the admin's own."""
    player = Player([Recording()])
    monkeypatch.setattr(protocol, "GuardedTransport", lambda *_: player)
    monkeypatch.setattr(engines, "LONGEST_PAUSE", 0.0)
    chosen = {"content_extraction_engine": "external", "external_document_loader_url": "http://loader"}
    sections.update(RetrievalSettings, lambda section: section.model_copy(update=chosen))
    yield player
    sections.update(RetrievalSettings, lambda _: RetrievalSettings())


def answer(text: str, status: int = 200) -> Recording:
    return Recording(json.dumps({"page_content": text, "metadata": {"page": 4}}).encode(), status)


def test_the_service_reads_documents_and_the_functions_read_texts(machine: Machine, service: Player) -> None:
    service.recordings = [answer("", 503), answer("zebra")]
    document, text = stored(documents.docx(), "trip.docx"), stored("a plain giraffe")
    machine.run()
    assert (fresh(document).status, fresh(text).status) == ("indexed", "indexed")
    assert found(f"file-{document.file_id}", "zebra") == [document.file_id]
    assert found(f"file-{text.file_id}", "giraffe") == [text.file_id]
    assert [str(request.url) for request in service.requests] == ["http://loader/process"] * 2


def test_what_the_service_says_is_the_reason(machine: Machine, service: Player) -> None:
    service.recordings = [answer("", 503)]
    file = stored(documents.docx(), "trip.docx")
    machine.run()
    assert fresh(file).status == "failed"
    assert fresh(file).reason == "The external loader is not able to read at the moment (it answered 503)."
    assert len(service.requests) == engines.TRIES
