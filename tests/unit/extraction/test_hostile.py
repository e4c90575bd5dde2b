"""What is broken or made to do harm ends with a sentence, in bounded time and memory."""

import faulthandler
import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from functions.extraction.isolation import DAMAGED, Limits, isolated
from functions.extraction.readers import archives
from tests.support import documents
from tests.unit.extraction.conftest import Reading, Result


def docx_with(content: str | bytes) -> bytes:
    """A Word document whose main part is this."""
    with zipfile.ZipFile(io.BytesIO(documents.docx())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return documents.zipped({**parts, "word/document.xml": content})


def added(read: Reading, result: Result) -> int:
    """The memory a reading took, in MB, beyond what a child of this process has anyway."""
    return int(result.answer["memory"] - read(b"word", "word.txt").answer["memory"])


def test_a_zip_bomb_is_not_unpacked(read: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_UNPACKED", 50 * 1024**2)
    bomb = documents.zipped({"word/document.xml": bytes(51 * 1024**2)})
    assert len(bomb) < 100 * 1024
    for name in ("bomb.docx", "bomb.epub"):
        result = read(bomb, name)
        assert "would unpack to more than 500 MB" in result.reason
        assert added(read, result) < 150


def test_an_archive_that_lies_about_its_sizes_fails(read: Reading) -> None:
    content = bytearray(documents.odt("<text:p>x</text:p>" * 100_000))
    start = content.rindex(b"PK\x01\x02")
    struct.pack_into("<I", content, start + 24, 50)  # the unpacked size, in the table of contents
    assert read(bytes(content), "a.odt").reason


def test_sheets_with_a_cell_in_the_last_corner_take_little_memory_and_end_as_a_reason_if_they_hide_it(
    read: Reading,
) -> None:
    sheet = documents.xlsx({"S": [["a"]]})
    with zipfile.ZipFile(io.BytesIO(sheet)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    last = b'</row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    name = "xl/worksheets/sheet1.xml"
    parts[name] = parts[name].replace(b"</row></sheetData>", last)
    result = read(documents.zipped(parts), "wide.xlsx", memory=500)
    assert result.text == "a | \n | 1"
    assert added(read, result) < 60
    parts[name] = parts[name].replace(b'<dimension ref="A1"/>', b'<dimension ref="A1:B2"/>')
    result = read(documents.zipped(parts), "wide.xlsx", memory=500)
    assert "takes more than 500 MB of memory" in result.reason


def test_an_encrypted_document_says_so(read: Reading) -> None:
    for content, name in (
        (documents.pdf(["secret"], password="x"), "a.pdf"),
        (documents.compound_file({"EncryptedPackage": b"x", "EncryptionInfo": b"y"}), "a.docx"),
        (documents.zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "?",
                           "META-INF/manifest.xml": "<a><encryption-data/></a>"}, stored=["mimetype"]), "a.odt"),
    ):  # fmt: skip
        assert "protected by a password" in read(content, name).reason


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: documents.pdf(["text"] * 30), "a.pdf"),
        (documents.docx, "a.docx"),
        (documents.pptx, "a.pptx"),
        (lambda: documents.xlsx({"S": [["a", "b"]] * 2000}), "a.xlsx"),
        (lambda: documents.odt("<text:p>text</text:p>"), "a.odt"),
        (lambda: documents.epub(["<p>text</p>"]), "a.epub"),
        (lambda: documents.msg("Subject", "text"), "a.msg"),
    ],
)
def test_a_truncated_document_says_that_it_is_damaged(read: Reading, make: Callable[[], bytes], name: str) -> None:
    content = make()
    reason = read(content[: len(content) // 2], name).reason
    assert "damaged" in reason


def test_a_pdf_that_says_it_has_a_million_pages_is_not_asked_for_all_of_them(read: Reading) -> None:
    content = documents.pdf(["text"]).replace(b"/Count 1", b"/Count 900000")
    assert "more than 20,000 pages" in read(content, "a.pdf").reason


def test_noise_in_a_document_is_no_crash(read: Reading) -> None:
    for content, name in ((documents.docx(), "a.docx"), (documents.pdf(["text"] * 5), "a.pdf")):
        broken = bytearray(content)
        for at in range(200, len(broken) - 200, 97):
            broken[at] ^= 0x5A
        answer = read(bytes(broken), name).answer
        assert answer["status"] in ("ok", "ocr") or answer["reason"]


def word_of(declared: str, text: str) -> str:
    """The main part of a Word document with declarations and a paragraph."""
    body = f'<w:document xmlns:w="{documents.W}"><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>'
    return f'<?xml version="1.0"?><!DOCTYPE r [{declared}]>{body}'


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(10))


def test_entity_bombs_and_files_of_the_machine_stay_out(read: Reading) -> None:
    xml = f'<?xml version="1.0"?><!DOCTYPE r [{LAUGHS}]><r>&l9;</r>'.encode()
    assert "entities" in read(xml, "a.xml").reason
    assert "entities" in read(xml.decode().encode("utf-16"), "a.xml").reason
    result = read(docx_with(word_of(LAUGHS, "&l9;")), "a.docx", memory=600)
    assert added(read, result) < 450
    assert result.text.count("ha") < 1000
    local = word_of('<!ENTITY x SYSTEM "file:///etc/passwd">', "&x;")
    assert "root:" not in read(docx_with(local), "a.docx").text


@pytest.mark.parametrize("name", ["../../etc/cron.d/x", "/etc/passwd", "word\\..\\..\\x"])
def test_names_that_lead_out_of_a_document_are_refused(read: Reading, name: str) -> None:
    content = documents.zipped({"mimetype": "application/epub+zip", name: "x"}, stored=["mimetype"])
    assert "names parts outside of itself" in read(content, "a.epub").reason


def test_chapters_outside_of_a_book_are_not_read(read: Reading) -> None:
    content = documents.epub(["<p>in</p>"]).replace(b"c0.xhtml", b"/etc/pwd")
    assert read(content, "a.epub").answer["status"] == "failed"


def test_deep_nesting_ends(read: Reading) -> None:
    deep = 200_000
    for content, name in (
        (b"[" * deep + b"]" * deep, "a.json"),
        (b"<?xml version='1.0'?>" + b"<a>" * deep + b"x" + b"</a>" * deep, "a.xml"),
        (b"<html>" + b"<div>" * deep + b"text", "a.html"),
        (("<text:span>" * deep).encode(), "a.txt"),
    ):
        answer = read(content, name).answer
        assert answer["status"] == "ok" or answer["reason"]
        assert answer.get("memory", 0) < 1000


def test_a_page_of_very_many_elements_takes_little_memory_and_is_read_whole(read: Reading) -> None:
    result = read(b"<b>word </b>" * 60_000, "a.html", seconds=20)
    assert result.text.count("word") == 60_000
    assert added(read, result) < 100


def test_one_line_without_end_takes_little_memory_and_has_a_limit(read: Reading, tmp_path: Path) -> None:
    path = tmp_path / "line"
    with path.open("wb") as file:
        for _ in range(60):
            file.write(b"x" * 1024**2)
    assert "more than 50 million characters" in read(path, "line.txt").reason
    for name in ("line.txt", "line.md", "line.csv", "line.py"):
        result = read(path, name, characters=3_000_000)
        assert "more than 3 million characters" in result.reason
        assert added(read, result) < 60
    short = read(b"y" * 200_000, "line.txt")
    assert short.text.replace("\n", "") == "y" * 200_000


def test_an_empty_file_and_one_without_text(read: Reading) -> None:
    assert read(b"", "a.pdf").reason == "The file is empty. Choose another one."
    assert read(b" \n\n ", "a.txt").reason == "There is no text in the file."
    assert read(documents.pdf([""]), "a.pdf").reason == "There is no text in the file."
    assert read(documents.odt(""), "a.odt").reason == "There is no text in the file."


def test_a_wrong_extension_does_not_matter_and_a_program_is_none_the_better_for_it(read: Reading) -> None:
    assert read(documents.pdf(["Hello"]), "notes.txt").text == "Hello"
    assert read(documents.docx(), "notes.pdf").kind == "docx"
    assert read(b"plain words", "notes.pdf").text == "plain words"
    assert read(b"plain words", "notes.docx").text == "plain words"
    assert read(b"MZ\x90\x00" + bytes(100), "invoice.pdf").reason == "This is a program, not a document."
    assert "archive" in read(documents.zipped({"a.txt": "x"}), "a.docx").reason
    assert "before 2007" in read(documents.compound_file({"WordDocument": b"x"}), "a.doc").reason
    assert "RTF" in read(b"{\\rtf1 text}", "a.rtf").reason


def test_an_image_of_too_many_pixels_is_not_decoded(read: Reading) -> None:
    header = b"IHDR" + struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    assert "100 million pixels" in read(bomb + struct.pack(">I", 0) + b"IDAT\x35\xaf\x06\x1e", "a.png").reason


def hang() -> dict[str, str]:
    while True:
        pass


def eat() -> dict[str, str]:
    return {"status": "x" * 10**10}


def die() -> dict[str, str]:
    faulthandler.disable()
    os.abort()


def leave() -> dict[str, str]:
    os._exit(3)


def raise_something() -> dict[str, str]:
    raise KeyError("trouble in a library")


@pytest.mark.parametrize(
    ("work", "reason"),
    [
        (hang, "longer than 1 second"),
        (eat, "more than 200 MB"),
        (die, "more than 200 MB"),
        (leave, "failed half-way"),
        (raise_something, DAMAGED),
    ],
)
def test_whatever_happens_in_the_child_ends_as_a_reason(work: Callable[[], dict[str, str]], reason: str) -> None:
    answer = isolated(work, Limits(memory=200, seconds=0.7))
    assert answer["status"] == "failed"
    assert reason in answer["reason"]
