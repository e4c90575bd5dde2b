"""Engines that read documents, against answers as their services give them."""

import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from shared.extraction_engines import Document, EngineTrouble, engine_for, protocol, read
from shared.identity import sealed
from shared.retrieval.settings import RetrievalSettings
from shared.segments import Segment
from tests.support.recorded import Player, Recording

PDF = Document("Bericht für 2024.pdf", b"%PDF-1.7 bytes", "application/pdf", "pdf")
Reader = Callable[..., tuple[list[Segment], Player]]


def answer(found: Any, status: int = 200, **headers: str) -> Recording:
    return Recording(json.dumps(found).encode(), status, headers=headers)


@pytest.fixture
def read_by(monkeypatch: pytest.MonkeyPatch) -> Reader:
    """Reads a document by the engine of these settings, whose service gives these answers."""
    monkeypatch.setattr(sealed, "opened", lambda value, context: value)
    monkeypatch.setattr(protocol, "PAUSE", 0.0)

    def reading(engine: str, *answers: Recording, document: Document = PDF, **config: Any) -> Any:
        player = Player(list(answers))
        monkeypatch.setattr(protocol, "GuardedTransport", lambda *_: player)
        section = RetrievalSettings(content_extraction_engine=engine, **config)
        chosen = engine_for(section, document.kind)
        assert chosen is not None
        try:
            return read(chosen, document, 5), player
        except EngineTrouble as error:
            return error, player

    return reading


TIKA = b"""<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>T</title></head><body>
<div class="page"><p /><h1>Results</h1><p>Sales rose
in May.</p></div><div class="page"><p>More &amp; more.</p>
<table><tr><td><p>a</p></td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table></div></body></html>"""


def test_tika_keeps_pages_and_headings(read_by: Reader) -> None:
    segments, player = read_by(
        "tika", Recording(TIKA, content_type="text/html"), tika_server_url="http://tika:9998/", pdf_extract_images=True
    )
    assert segments == [
        Segment("# Results\n\nSales rose\nin May.", 0, ("Results",)),
        Segment("More & more.\n\na | b\nc | d", 1, ("Results",)),
    ]
    (request,) = player.requests
    assert (request.method, str(request.url)) == ("PUT", "http://tika:9998/tika")
    assert request.content == PDF.content
    assert request.headers["accept"] == "text/html"
    assert request.headers["content-type"] == "application/pdf"
    assert request.headers["x-tika-pdfextractinlineimages"] == "true"
    assert read_by("tika", Recording(status=204), tika_server_url="http://tika:9998")[0] == []


def test_docling_reads_as_a_task(read_by: Reader) -> None:
    text = "# One\n\nfirst\n\n<!-- page break -->\n\nsecond"
    segments, player = read_by(
        "docling",
        answer({"task_id": "7", "task_status": "pending"}),
        answer({"task_id": "7", "task_status": "started"}),
        answer({"task_id": "7", "task_status": "success"}),
        answer({"document": {"md_content": text}, "status": "success", "errors": []}),
        docling_server_url="http://docling:5001",
        docling_ocr_lang="eng, deu",
        docling_do_picture_description=True,
        docling_picture_description_mode="api",
        docling_picture_description_api={"url": "http://vlm"},
        docling_params={"table_mode": "fast"},
    )
    assert segments == [Segment("# One\n\nfirst", 0, ("One",)), Segment("second", 1, ("One",))]
    assert [request.url.path for request in player.requests] == [
        "/v1/convert/file/async",
        "/v1/status/poll/7",
        "/v1/status/poll/7",
        "/v1/result/7",
    ]
    sent = player.requests[0].content.decode()
    for name, value in (
        ("to_formats", "md"),
        ("ocr_lang", "eng"),
        ("ocr_lang", "deu"),
        ("do_ocr", "true"),
        ("table_mode", "fast"),
        ("picture_description_api", '{"url": "http://vlm"}'),
    ):
        assert f'name="{name}"\r\n\r\n{value}\r\n' in sent
    assert 'name="files"; filename="Bericht' in sent
    trouble, _ = read_by(
        "docling",
        answer({"task_id": "7", "task_status": "failure", "error_message": "no pages"}),
        docling_server_url="http://d",
    )
    assert trouble.detail == "Docling could not read the file: no pages."


AZURE = {"document_intelligence_endpoint": "https://x.example/", "document_intelligence_key": "k"}
PLACE = "https://x.example/documentintelligence/documentModels/prebuilt-layout/analyzeResults/1?api-version=2024-11-30"


def test_azure_is_asked_until_it_is_done(read_by: Reader) -> None:
    content = '<!-- PageHeader="Top" -->\n# A\n\none\n<!-- PageNumber="1" -->\n<!-- PageBreak -->\n\ntwo'
    segments, player = read_by(
        "document_intelligence",
        Recording(status=202, headers={"operation-location": PLACE, "retry-after": "0"}),
        answer({"status": "running"}),
        answer({"status": "succeeded", "analyzeResult": {"content": content}}),
        **AZURE,
    )
    assert segments == [Segment("# A\n\none", 0, ("A",)), Segment("two", 1, ("A",))]
    first = player.requests[0]
    assert first.url.path == "/documentintelligence/documentModels/prebuilt-layout:analyze"
    assert dict(first.url.params) == {"api-version": "2024-11-30", "outputContentFormat": "markdown"}
    assert first.content == PDF.content
    assert all(request.headers["ocp-apim-subscription-key"] == "k" for request in player.requests)
    assert str(player.requests[-1].url) == PLACE


def test_azures_key_goes_to_no_other_server(read_by: Reader) -> None:
    elsewhere = Recording(status=202, headers={"operation-location": "https://evil.example/1"})
    trouble, player = read_by("document_intelligence", elsewhere, **AZURE)
    assert "not understood" in trouble.detail
    assert len(player.requests) == 1
    failed = answer({"status": "failed", "error": {"message": "The file is corrupted."}})
    trouble, _ = read_by(
        "document_intelligence", Recording(status=202, headers={"operation-location": PLACE}), failed, **AZURE
    )
    assert trouble.detail == "Azure Document Intelligence could not read the file: The file is corrupted."


def test_mistral_uploads_reads_and_deletes(read_by: Reader) -> None:
    pages = [{"index": 0, "markdown": "# A\n\none", "images": []}, {"index": 1, "markdown": "two"}]
    segments, player = read_by(
        "mistral_ocr",
        answer({"id": "f1", "object": "file"}),
        answer({"url": "https://signed.example/f1"}),
        answer({"pages": pages, "model": "mistral-ocr-latest", "usage_info": {"pages_processed": 2}}),
        answer({"id": "f1", "deleted": True}),
        mistral_ocr_api_key="k",
    )
    assert segments == [Segment("# A\n\none", 0, ("A",)), Segment("two", 1, ("A",))]
    assert [(request.method, request.url.path) for request in player.requests] == [
        ("POST", "/v1/files"),
        ("GET", "/v1/files/f1/url"),
        ("POST", "/v1/ocr"),
        ("DELETE", "/v1/files/f1"),
    ]
    assert player.body(2) == {
        "model": "mistral-ocr-latest",
        "document": {"type": "document_url", "document_url": "https://signed.example/f1"},
        "include_image_base64": False,
    }
    assert {request.headers["authorization"] for request in player.requests} == {"Bearer k"}
    trouble, player = read_by(
        "mistral_ocr", answer({"id": "f1"}), answer({"url": "u"}), answer({}, 500), answer({}), mistral_ocr_api_key="k"
    )
    assert trouble.transient
    assert player.requests[-1].method == "DELETE"


def test_datalab_is_asked_until_it_is_done_and_ones_own_marker_answers_at_once(read_by: Reader) -> None:
    rule = "-" * 48
    text = f"{{0}}{rule}\n\n# A\n\none\n\n{{1}}{rule}\n\ntwo"
    started = {
        "success": True,
        "request_id": "r",
        "request_check_url": "https://www.datalab.to/api/v1/marker/r",
    }
    segments, player = read_by(
        "datalab_marker",
        answer(started),
        answer({"status": "processing"}),
        answer({"status": "complete", "success": True, "markdown": text, "page_count": 2}),
        datalab_marker_api_key="k",
        datalab_marker_paginate=True,
        datalab_marker_additional_config='{"x": 1}',
    )
    assert segments == [Segment("# A\n\none", 0, ("A",)), Segment("two", 1, ("A",))]
    sent = player.requests[0].content.decode()
    for name, value in (("paginate", "true"), ("use_llm", "false"), ("output_format", "markdown")):
        assert f'name="{name}"\r\n\r\n{value}\r\n' in sent
    assert 'name="additional_config"\r\n\r\n{"x": 1}\r\n' in sent
    assert {request.headers["x-api-key"] for request in player.requests} == {"k"}

    moved = {**started, "request_check_url": "https://evil.example/r"}
    failed = answer({"status": "failed", "success": False, "error": "Not a PDF"})
    trouble, player = read_by("datalab_marker", answer(moved), failed, datalab_marker_api_key="k")
    assert trouble.detail == "Datalab Marker could not read the file: Not a PDF."
    assert str(player.requests[1].url) == "https://www.datalab.to/api/v1/marker/r"

    own = {"datalab_marker_api_key": "k", "datalab_marker_api_base_url": "http://marker:8000/marker/upload"}
    assert read_by("datalab_marker", answer({"success": True, "output": "text"}), **own)[0] == [Segment("text")]
    assert read_by(
        "datalab_marker", answer({"success": True, "output": "<h1>A</h1><p>b</p>"}),
        datalab_marker_output_format="html", **own,
    )[0] == [Segment("# A\n\nb", headings=("A",))]  # fmt: skip


def test_a_loader_of_ones_own(read_by: Reader) -> None:
    own = {"external_document_loader_url": "http://loader/", "external_document_loader_api_key": "k"}
    pages = [{"page_content": "one", "metadata": {"page": 0}}, {"page_content": "two", "metadata": {"page": 1}}]
    segments, player = read_by("external", answer(pages), **own)
    assert segments == [Segment("one", 0), Segment("two", 1)]
    (request,) = player.requests
    assert (request.method, str(request.url)) == ("PUT", "http://loader/process")
    assert request.headers["x-filename"] == "Bericht%20f%C3%BCr%202024.pdf"
    assert request.headers["authorization"] == "Bearer k"
    assert read_by("external", answer({"page_content": "# A\n\nb", "metadata": {}}), **own)[0] == [
        Segment("# A\n\nb", headings=("A",))
    ]
    for odd in ({}, [], [1], {"page_content": None}):
        assert "page_content" in read_by("external", answer(odd), **own)[0].detail


@pytest.mark.parametrize(
    ("recording", "told", "transient"),
    [
        (Recording(status=0, then=httpx2.ConnectError("x")), "cannot be reached", True),
        (Recording(status=0, then=httpx2.ReadTimeout("x")), "did not answer in time", True),
        (answer({}, 429), "is not able to read at the moment", True),
        (answer({}, 503), "is not able to read at the moment", True),
        (answer({}, 401), "does not accept its key", False),
        (answer({}, 413), "files of this size", False),
        (answer({"detail": "Unknown format"}, 422), "could not read the file: Unknown format.", False),
        (answer({"error": {"message": "Bad file"}}, 400), "could not read the file: Bad file.", False),
        (Recording(b"<html>"), "JSON", False),
    ],
)
def test_troubles_in_words(read_by: Reader, recording: Recording, told: str, transient: bool) -> None:
    trouble, _ = read_by("external", recording, external_document_loader_url="http://loader")
    assert isinstance(trouble, EngineTrouble)
    assert trouble.detail.startswith("The external loader ")
    assert told in trouble.detail
    assert trouble.transient is transient


def test_an_engine_reads_only_what_it_can_and_only_when_it_is_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed, "opened", lambda value, context: value)
    assert engine_for(RetrievalSettings(), "pdf") is None
    for name in ("tika", "docling", "document_intelligence", "mistral_ocr", "datalab_marker", "external", "odd"):
        assert engine_for(RetrievalSettings(content_extraction_engine=name), "pdf") is None
    tika = RetrievalSettings(content_extraction_engine="tika", tika_server_url="http://tika")
    assert engine_for(tika, "office") is not None
    for kind in ("text", "markdown", "csv", "code", "json"):
        assert engine_for(tika, kind) is None
