"""The functions as they are called: an event with two presigned URLs, nothing else."""

import base64
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Thread
from typing import Any

import pytest
from PIL import Image

from functions.extraction import handler as extraction
from functions.extraction import ocr
from functions.extraction.transfer import TransferFailed
from shared.segments import Segment, read_segments
from tests.support import documents


class Bucket(ThreadingHTTPServer):
    """Objects by path; `troubles` are answered before anything else."""

    objects: dict[str, bytes]
    troubles: list[int]

    def url(self, key: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{key}"


class Request(BaseHTTPRequestHandler):
    server: Bucket

    def do_GET(self) -> None:
        content = self.server.objects.get(self.path[1:])
        status = self.server.troubles.pop(0) if self.server.troubles else 200 if content is not None else 404
        self.answer(status, content or b"")

    def do_PUT(self) -> None:
        content = self.rfile.read(int(self.headers["content-length"]))
        status = self.server.troubles.pop(0) if self.server.troubles else 200
        if status == 200:
            self.server.objects[self.path[1:]] = content
        self.answer(status, b"")

    def answer(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Context:
    """What Lambda tells of the time."""

    def __init__(self, seconds: float = 120) -> None:
        self._seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        return int(self._seconds * 1000)


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    server = Bucket(("127.0.0.1", 0), Request)
    server.objects, server.troubles = {}, []
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def call(bucket: Bucket, content: bytes, *, entry: Any = extraction.handler, **more: Any) -> dict[str, Any]:
    bucket.objects["in"] = content
    event = {"task": "extract", "input": bucket.url("in"), "output": bucket.url("out"), "kind": "text", "name": "a"}
    answer: dict[str, Any] = entry({**event, **more}, Context())
    answer.pop("memory", None)
    return answer


def segments(bucket: Bucket) -> list[Segment]:
    return list(read_segments(bucket.objects["out"].splitlines()))


def test_segments_are_put_where_the_event_says(bucket: Bucket) -> None:
    content = documents.pdf([f"Page {number}" for number in range(6)])
    answer = call(bucket, content, kind="pdf", range=[2, 3], options={"images": False, "unknown": 1})
    assert answer == {"status": "ok", "segments": 2, "characters": 12}
    assert segments(bucket) == [Segment("Page 2", 2), Segment("Page 3", 3)]
    assert call(bucket, content, kind="pdf", options={"pages": 2})["ranges"] == [[0, 1], [2, 3], [4, 5]]


def test_a_file_that_fails_leaves_nothing(bucket: Bucket) -> None:
    answer = call(bucket, documents.pdf(["x"], password="p"), kind="pdf")
    assert answer["status"] == "failed"
    late = call(bucket, documents.pdf(["x"]), kind="pdf", options={"seconds": 0})
    assert late["reason"].startswith("Reading the file takes longer than 0 seconds.")
    assert "out" not in bucket.objects


def test_trouble_with_the_bucket_is_tried_again_and_then_raised(bucket: Bucket) -> None:
    bucket.troubles = [503]
    assert call(bucket, b"words")["status"] == "ok"
    bucket.troubles = [403]
    with pytest.raises(TransferFailed):
        call(bucket, b"words")
    bucket.troubles = [200, 403]
    with pytest.raises(TransferFailed):
        call(bucket, b"words")
    with pytest.raises(TransferFailed):
        call(bucket, b"words", input=bucket.url("gone"))


def test_scans_and_images_within_pages_are_read(bucket: Bucket) -> None:
    scan = documents.picture("Invoice 2041\nTotal: 18 Euro", size=(700, 250))
    figure = documents.picture("Figure seven", size=(500, 120))
    told = "This page tells what the picture below it shows, in many words. " * 5
    content = documents.pdf_of_images([scan, figure, figure], texts=["", told, told])
    assert call(bucket, content, kind="pdf")["pages"] == [0]
    answer = call(bucket, content, kind="pdf", options={"images": True})
    assert (answer["status"], answer["pages"], answer["segments"]) == ("ocr", [0, 1, 2], 2)
    assert segments(bucket)[0].page == 1
    assert call(bucket, content, entry=ocr.handler, task="ocr", pages=answer["pages"])["status"] == "ok"
    assert segments(bucket) == [Segment("Invoice 2041\nTotal: 18 Euro", 0), Segment("[Image: Figure seven]", 1)]


def test_pictures_are_handed_over_to_be_described(bucket: Bucket) -> None:
    figure, wide = (documents.picture(text, size=size) for text, size in (("7", (500, 120)), ("8", (2000, 400))))
    told = "This page tells what the picture below it shows, in many words. " * 5
    content = documents.pdf_of_images([figure, figure, wide, wide], texts=["", told, told, told])
    answer = call(bucket, content, kind="pdf", options={"images": True, "describe": True})
    assert (answer["status"], answer["pages"], answer["pictures"]) == ("ocr", [0], [1, 2, 3])
    assert "pictures" not in call(bucket, content, kind="pdf", options={"describe": True})
    assert call(bucket, content, kind="pdf", pages=[1, 2, 3]) == {"status": "ok", "pictures": 2}
    lines = [json.loads(line) for line in bucket.objects["out"].splitlines()]
    assert [line["page"] for line in lines] == [1, 2], "one that comes again is the same"
    with Image.open(BytesIO(base64.b64decode(lines[1]["image"]))) as image:
        assert (image.format, image.size) == ("JPEG", (1024, 205))


def test_what_there_is_no_time_for_is_left_to_another_call(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.extraction.carrying._SHARE", 0.0)
    monkeypatch.setattr("functions.extraction.recognising.read", lambda image: f"{image.width} wide")
    pages = documents.picture("x", size=(500, 120), kind="TIFF", frames=3)
    assert call(bucket, pages, kind="image")["pages"] == [0, 1, 2]
    answer = call(bucket, pages, entry=ocr.handler, task="ocr", pages=[0, 1, 2])
    assert (answer["status"], answer["pages"], answer["segments"]) == ("ocr", [1, 2], 1)
    assert segments(bucket) == [Segment("500 wide", 0)]
