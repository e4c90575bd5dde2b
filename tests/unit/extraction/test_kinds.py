"""What a file is, is told by its first bytes."""

import struct

import pytest

from shared.kinds import ARCHIVE, BINARY, EMPTY, PROGRAM, Refused, identify
from tests.support import documents


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (b"%PDF-1.7 x", "a", "pdf"),
        (b"junk before\n%PDF-1.4", "a.txt", "pdf"),
        (documents.docx(), "a.zip", "docx"),
        (documents.docx(macros=True), "a.docm", "docx"),
        (documents.pptx(), "a", "pptx"),
        (documents.xlsx({"S": [[1]]}), "a.docx", "xlsx"),
        (documents.odt("<text:p/>"), "a", "odt"),
        (documents.odt("", "spreadsheet"), "a", "ods"),
        (documents.odt("", "presentation"), "a", "odp"),
        (documents.epub(["x"]), "a.zip", "epub"),
        (documents.compound_file({"x": b""}), "a.msg", "msg"),
        (documents.compound_file({"x": b""}), "a.xls", "xlsx"),
        (documents.compound_file({"x": b""}), "a.doc", "office"),
        (b"{\\rtf1", "a.txt", "office"),
        (documents.picture("x"), "a.txt", "image"),
        (documents.picture("x", kind="TIFF"), "a", "image"),
        (documents.picture("x", kind="BMP"), "a", "image"),
        (documents.picture("x", kind="WEBP"), "a", "image"),
        (documents.picture("x", kind="AVIF"), "a", "image"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "a", "audio"),
        (b"ID3\x03\x00\x00", "a", "audio"),
        (b"OggS\x00", "a.txt", "audio"),
        (b"\x00\x00\x00\x18ftypM4A ", "a", "audio"),
        (b"\x00\x00\x00\x18ftypisom", "a", "video"),
        (b"\x1aE\xdf\xa3\x01", "a.webm", "video"),
        (b"<!DOCTYPE html><html>", "a.txt", "html"),
        (b"\xef\xbb\xbf  <html lang=en>", "a", "html"),
        (b'<?xml version="1.0"?><!DOCTYPE html PUBLIC ""><html>', "a", "html"),
        (b'<?xml version="1.0"?><a/>', "a.txt", "xml"),
        (b"<svg></svg>", "a.svg", "xml"),
        (b"From: a@b.c\nTo: d@e.f\nSubject: x\n\ntext", "a.txt", "eml"),
        (b"From: the beginning\nit went on", "a.txt", "text"),
        (b"# Title", "a.md", "markdown"),
        (b"# Title", "a.txt", "text"),
        (b"a,b\n1,2", "A.CSV", "csv"),
        (b'{"a": 1}', "a.json", "json"),
        (b"<html></html>", "page.py", "code"),
        (b"BM25 is a way to rank", "a.txt", "text"),
        (b"MZ is the postcode", "a.txt", "text"),
        (b"ID3 tags hold titles", "a.txt", "text"),
        ("Grüße".encode("cp1252"), "a.txt", "text"),
        ("Grüße aus Köln".encode("utf-16"), "a.txt", "text"),
        ("plain words of a text".encode("utf-16-le"), "a.txt", "text"),
        ("plain words of a текст".encode("utf-32-le"), "a.txt", "text"),
        ("日本語 and words".encode("utf-32-be"), "a.txt", "text"),
        ("日本語の文章".encode("shift_jis"), "a", "text"),
    ],
)
def test_kinds(content: bytes, name: str, kind: str) -> None:
    assert identify(content[:65536], name) == kind


@pytest.mark.parametrize(
    ("content", "name", "refused"),
    [
        (b"", "a.pdf", EMPTY),
        (b"\x1f\x8b\x08\x00", "a.txt", ARCHIVE),
        (documents.zipped({"a.txt": "x"}), "a.zip", ARCHIVE),
        (b"7z\xbc\xaf\x27\x1c", "a", ARCHIVE),
        (b"a" * 257 + b"ustar\x0000", "a.tar", ARCHIVE),
        (b"MZ\x90\x00\x03\x00\x00\x00", "a.pdf", PROGRAM),
        (b"\x7fELF\x02\x01\x01", "a", PROGRAM),
        (b"SQLite format 3\x00" + bytes(100), "a.db", BINARY),
        (bytes(range(256)) * 10, "a.bin", BINARY),
        (bytes(1000), "a.txt", BINARY),
        (struct.pack("<200i", *range(200)), "a.txt", BINARY),
    ],
)
def test_what_is_refused(content: bytes, name: str, refused: Refused) -> None:
    assert identify(content, name) == refused
