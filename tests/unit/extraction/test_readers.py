"""Every kind of file gives its text, with where it stands."""

import datetime
import io
import json
import quopri
import zipfile

import pytest

from functions.extraction.readers import pdf
from functions.extraction.readers.markup import html_sections
from functions.extraction.readers.tables import text_of
from shared.segments import Segment
from tests.support import documents
from tests.unit.extraction.conftest import Reading


def test_pdf_by_page_under_its_bookmarks(read: Reading) -> None:
    content = documents.pdf(["First page", "Second page", "Third page"], chapters={0: "Start", 2: "End"})
    result = read(content, "report.pdf")
    assert result.segments == [
        Segment("First page", 0, ("Start",)),
        Segment("Second page", 1, ("Start",)),
        Segment("Third page", 2, ("End",)),
    ]
    assert result.answer | {"memory": 0} == {"status": "ok", "segments": 3, "characters": 31, "memory": 0}


def test_words_that_a_pdf_has_on_two_lines_are_whole(read: Reading) -> None:
    assert (
        read(documents.pdf(["The exam-\nple of a well-known thing"]), "a.pdf").text
        == "The example of a well-known thing"
    )


def test_a_large_pdf_is_asked_for_in_ranges_and_read_by_them(read: Reading) -> None:
    content = documents.pdf([f"Page {number}" for number in range(10)])
    answer = read(content, "a.pdf", pages=4).answer
    assert (answer["status"], answer["ranges"], answer["total"]) == ("ranges", [[0, 3], [4, 7], [8, 9]], 10)
    result = read(content, "a.pdf", pages=4, limits=(4, 7))
    assert [(segment.page, segment.text) for segment in result.segments] == [(n, f"Page {n}") for n in range(4, 8)]
    assert read(content, "a.pdf", pages=7).answer["status"] == "ok"  # a little more than asked for is read at once


def test_pages_without_text_are_left_to_ocr(read: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    image = documents.picture("Scan")
    answer = read(documents.pdf_of_images([image, image]), "scan.pdf").answer
    assert (answer["status"], answer["pages"], answer["segments"]) == ("ocr", [0, 1], 0)
    told = "This page tells what the picture below it shows, in many words. " * 5
    mixed = documents.pdf_of_images([image], texts=[told])
    assert read(mixed, "mixed.pdf").answer["status"] == "ok"
    with_images = read(mixed, "mixed.pdf", images=True)
    assert (with_images.answer["status"], with_images.answer["pages"]) == ("ocr", [0])
    assert with_images.text.startswith("This page tells")
    monkeypatch.setattr(pdf, "MOST_WITH_IMAGES", 4)
    many = documents.pdf_of_images([image] * 6, texts=[told] * 6)
    assert read(many, "many.pdf", images=True).answer["pages"] == [0, 1, 2, 3]
    assert read(many, "many.pdf", images=True, limits=(3, 5)).answer["pages"] == [3, 4], "a range has its share"


def test_docx_by_section_with_tables_and_without_its_macros(read: Reading) -> None:
    for name, content in (("trip.docx", documents.docx()), ("trip.docm", documents.docx(macros=True))):
        result = read(content, name)
        assert [(segment.headings, segment.text) for segment in result.segments] == [
            (("Expeditions",), "# Expeditions\n\nThe ship leaves in May."),
            (
                ("Expeditions", "Crew"),
                "## Crew\n\nTwelve people are on board.\n\nName | Task\nAda | Navigation",
            ),
            (("Return",), "# Return\n\nIt is back in October."),
        ]


def test_pptx_by_slide_with_tables_and_notes(read: Reading) -> None:
    result = read(documents.pptx(), "plan.pptx")
    assert result.segments == [
        Segment("Plan\n\nBuild a boat", 0, ("Plan",)),
        Segment("Costs\n\nWood | 300\n\nAsk for a discount", 1, ("Costs",)),
    ]


def test_xlsx_by_sheet_with_the_names_of_columns(read: Reading) -> None:
    day = datetime.date(2024, 5, 1)
    content = documents.xlsx({"Sales": [["City", "Sum", "Day"], ["Oslo", 3.5, day], ["Rome", 4]], "Raw": [[1, 2]]})
    assert read(content, "a.xlsx").segments == [
        Segment("City | Sum | Day\nCity: Oslo; Sum: 3.5; Day: 2024-05-01\nCity: Rome; Sum: 4", sheet="Sales"),
        Segment("1 | 2", sheet="Raw"),
    ]


def test_a_workbook_with_cells_far_out_is_read_without_what_lies_between(read: Reading) -> None:
    moment = datetime.datetime(2024, 5, 1, 12, 30)
    far: dict[tuple[int, int], object] = {
        (0, 0): "Name", (0, 16383): "When", (0, 9): "Sum",
        (19999, 0): "Ada", (19999, 16383): moment.date(), (20000, 0): "Bo", (20000, 16383): moment, (20000, 9): 2.5,
    }  # fmt: skip
    content = documents.xlsx({"Far": far, "Near": [["City", "Sum"], ["Oslo", 3]]})
    result = read(content, "far.xlsx", memory=300)
    assert result.segments == [
        Segment(
            "Name | Sum | When\nName: Ada; When: 2024-05-01\nName: Bo; Sum: 2.5; When: 2024-05-01 12:30:00", sheet="Far"
        ),
        Segment("City | Sum\nCity: Oslo; Sum: 3", sheet="Near"),
    ]


def test_a_cell_whose_text_is_missing_from_a_workbook_is_empty(read: Reading) -> None:
    content = documents.xlsx({"S": [["City", "Sum"], ["Oslo", 3], ["Rome", True]]})
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b't="s"><v>2<', b't="s"><v>99<')
    assert read(documents.zipped(parts), "a.xlsx").text == "City | Sum\nSum: 3\nCity: Rome; Sum: True"


def test_spreadsheets_of_before_2007_and_of_libreoffice(read: Reading) -> None:
    old = read(documents.xls([["City", "Sum"], ["Oslo", 3.5]]), "a.xls")
    assert old.segments == [Segment("City | Sum\nCity: Oslo; Sum: 3.5", sheet="Old")]
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    rows = "".join(f"<table:table-row>{cell.format(a)}{cell.format(b)}</table:table-row>" for a, b in ("AB", "cd"))
    free = read(documents.odt(f'<table:table table:name="Free">{rows}</table:table>', "spreadsheet"), "a.ods")
    assert free.segments == [Segment("A | B\nA: c; B: d", sheet="Free")]


def test_odt_and_odp(read: Reading) -> None:
    body = (
        '<text:h text:outline-level="1">Top</text:h>'
        "<text:p>A<text:s/><text:span>bold</text:span><text:tab/>word</text:p>"
        "<text:tracked-changes><text:p>deleted</text:p></text:tracked-changes>"
        "<table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell>"
        "<table:table-cell><text:p>b</text:p></table:table-cell></table:table-row></table:table>"
        '<text:h text:outline-level="2">Sub</text:h>'
        "<text:list><text:list-item><text:p>one</text:p></text:list-item></text:list>"
    )
    assert read(documents.odt(body), "a.odt").segments == [
        Segment("# Top\n\nA bold\tword\n\na | b", headings=("Top",)),
        Segment("## Sub\n\none", headings=("Top", "Sub")),
    ]
    slides = "<draw:page><text:p>one</text:p></draw:page><draw:page><text:p>two</text:p></draw:page>"
    result = read(documents.odt(slides, "presentation"), "a.odp")
    assert [(segment.page, segment.text) for segment in result.segments] == [(0, "one"), (1, "two")]


def test_epub_in_reading_order(read: Reading) -> None:
    chapters = ["<h1>One</h1><p>The <b>first</b> chapter</p>", "<h1>Two</h1><p>Second</p><ul><li>point</li></ul>"]
    assert read(documents.epub(chapters), "book.epub").segments == [
        Segment("# One\n\nThe first chapter", headings=("One",)),
        Segment("# Two\n\nSecond\n\n- point", headings=("Two",)),
    ]


def test_html_without_menus_and_scripts_and_short_pages_whole(read: Reading) -> None:
    story = "A bridge spans a river and carries a road from one bank to the other. " * 8
    page = f"""<!doctype html><html><head><title>T</title><script>steal()</script></head><body><nav>Home Shop</nav>
        <article><h1>Bridges</h1><p>{story}</p><h2>Arches</h2><p>{story}</p></article></body></html>"""
    result = read(page.encode(), "page.html")
    assert [segment.headings for segment in result.segments] == [("Bridges",), ("Bridges", "Arches")]
    assert "carries a road" in result.text
    assert "steal" not in result.text
    assert "Home Shop" not in result.text
    short = read(b"<html><body><p>Short</p><table><tr><td>a<td>b</table></body></html>", "x.htm")
    assert short.text == "Short\n\n| a | b |"


@pytest.mark.parametrize("opening", ["<div>", "<blockquote>", "<ul><li>", "<b><i>", "<table><tr><td>", "<font>"])
def test_a_page_with_elements_left_open_is_read_whole(read: Reading, opening: str) -> None:
    result = read("".join(f"{opening}Line {number} " for number in range(1500)).encode(), "a.html")
    assert [int(word) for word in result.text.split() if word.isdigit()] == list(range(1500))


def test_a_table_for_layout_is_blocks_and_one_for_values_rows() -> None:
    inner = "<table><caption>Crew</caption><tr><th>Name<th>Task<tr><td>Ada<td><p>Rigging</p><p>Sails</p></table>"
    page = f"<h1><div>Ship</div></h1><table><tr><td>Left<td>{inner}After<td>Right</table>End"
    assert list(html_sections(page)) == [
        Segment("# Ship\n\nLeft\n\nCrew\nName | Task\nAda | Rigging Sails\n\nAfter\n\nRight\n\nEnd", headings=("Ship",))
    ]


def test_markdown_by_heading_but_not_those_within_code(read: Reading) -> None:
    text = "intro\n\n# A\n\ntext\n\n```sh\n# no heading\n```\n\nSub\n---\nmore\n\n## C ##\nend\n"
    assert [(segment.headings, segment.text) for segment in read(text.encode(), "a.md").segments] == [
        ((), "intro"),
        (("A",), "# A\n\ntext\n\n```sh\n# no heading\n```"),
        (("A", "Sub"), "## Sub\n\nmore"),
        (("A", "C"), "## C\n\nend"),
    ]


GERMAN = "Grüße aus Köln: schöne Straßen, größere Häuser und über allem Türme.\n"
RUSSIAN = "Привет, как дела? Это обычный текст на русском языке.\n"
JAPANESE = "これは日本語で書かれた普通の文章です。東京は日本の首都です。\n"


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        (GERMAN, "utf-8"),
        (GERMAN, "utf-8-sig"),
        (GERMAN, "utf-16"),
        (GERMAN, "utf-16-le"),
        (GERMAN, "utf-16-be"),
        (GERMAN, "utf-32"),
        (GERMAN, "cp1252"),
        (RUSSIAN, "koi8-r"),
        (RUSSIAN, "cp1251"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc_jp"),
    ],
)
def test_text_in_any_charset(read: Reading, text: str, charset: str) -> None:
    assert read((text * 10).encode(charset), "a.txt").text == (text * 10).strip()


def test_a_charset_is_told_by_what_comes_late_in_the_file(read: Reading) -> None:
    late = "plain ascii line\n" * 200_000 + GERMAN
    assert read(late.encode("cp1252"), "late.txt").text.endswith(GERMAN.strip())


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_csv_with_any_delimiter(read: Reading, mark: str) -> None:
    rows = [["Name", "Town"], ["Zoë", "Genève"], ["Ada", "London"]]
    content = "\n".join(mark.join(row) for row in rows).encode("cp1252")
    assert read(content, "a.csv").text == "Name | Town\nName: Zoë; Town: Genève\nName: Ada; Town: London"


@pytest.mark.parametrize("rows", [3, 60_000])
def test_a_stray_quote_in_a_csv_stays_in_its_row(read: Reading, rows: int) -> None:
    lines = ["Name,Town", *(f"Ada {number},London" for number in range(rows))]
    lines[2] = '"Ada 1,London'
    text = read("\n".join(lines).encode(), "a.csv").text
    assert text.startswith('Name | Town\nName: Ada 0; Town: London\nName: "Ada 1; Town: London\nName: Ada 2; Town')
    assert text.endswith(f"\nName: Ada {rows - 1}; Town: London")
    assert text.count("London") == rows


def test_two_stray_quotes_in_a_csv_do_not_make_one_value_of_the_rows_between(read: Reading) -> None:
    lines = ["Name,Town", *(f"Ada {number},London" for number in range(9))]
    lines[2], lines[8] = '"Ada 1,London', '"Ada 7,London'
    assert read("\n".join(lines).encode(), "a.csv").text.count("Town: London") == 9


def test_values_of_several_lines_in_a_csv_are_whole(read: Reading) -> None:
    content = b'Name,Address\nAda,"St James\'s Square\nLondon, SW1\nUK"\nBo,"The ""Barn"""\n'
    assert read(content, "a.csv").text.endswith(
        'Name: Ada; Address: St James\'s Square London, SW1 UK\nName: Bo; Address: The "Barn"'
    )


def test_json_lines_of_it_and_notebooks(read: Reading) -> None:
    assert [segment.headings for segment in read(b'{"a": {"b": 1}, "c": [1]}', "a.json").segments] == [("a",), ("c",)]
    assert read(b'[{"q": "x"}, {"q": "y"}]', "a.json").text == '{\n "q": "x"\n}\n\n{\n "q": "y"\n}'
    assert read(b'{"a": 1}\n{"a": 2}\n', "a.json").text == '{"a": 1}\n{"a": 2}'
    cells = [
        {"cell_type": "markdown", "source": ["# Title\n", "text"]},
        {"cell_type": "code", "source": "# code\nx = 1"},
    ]
    notebook = read(json.dumps({"nbformat": 4, "cells": cells}).encode(), "n.ipynb")
    assert [segment.headings for segment in notebook.segments] == [("Title",)]
    assert "```\n# code\nx = 1\n```" in notebook.text


def test_xml_with_names_and_attributes(read: Reading) -> None:
    content = b'<?xml version="1.0"?><r xmlns:x="urn:x"><x:item id="3">Hello <b>there</b> you</x:item></r>'
    assert read(content, "a.xml").text == "item id: 3\nb: there\nitem: Hello you"


def test_mail_with_its_head_its_text_and_what_is_attached(read: Reading) -> None:
    body = quopri.encodestring("<p>Schöne <b>Grüße</b></p>".encode())
    content = (
        b"From: Ada <ada@example.org>\r\nTo: grace@example.org\r\nSubject: =?utf-8?b?R3LDvMOfZQ==?=\r\n"
        b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n'
        b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        + body
        + b"\r\n--b\r\nContent-Type: application/pdf\r\n"
        + b'Content-Disposition: attachment; filename="plan.pdf"\r\n\r\nSow in May.\r\n--b--\r\n'
    )
    result = read(content, "mail.txt")
    assert result.kind == "eml"
    assert [segment.headings for segment in result.segments] == [("Grüße",)] * 3 + [("Grüße", "plan.pdf")]
    assert "From: Ada <ada@example.org>" in result.text
    assert "Schöne Grüße" in result.text
    assert result.text.endswith("Attached: plan.pdf\n\nSow in May."), "what it is its first bytes say"
    odd = content.replace(b"charset=utf-8", b"charset=nonsense")
    assert "Grüße" in read(odd, "odd.eml").text


@pytest.mark.parametrize("plain", ["", " \r\n\r\n"])
def test_mail_whose_text_part_is_blank_is_read_from_its_page(read: Reading, plain: str) -> None:
    parts = (
        f"--b\r\nContent-Type: text/plain\r\n\r\n{plain}\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>Come <b>soon</b>"
    )
    content = f'Subject: Harvest\r\nContent-Type: multipart/alternative; boundary="b"\r\n\r\n{parts}\r\n--b--\r\n'
    assert read(content.encode(), "mail.eml").text == "Subject: Harvest\n\nCome soon"


def test_a_message_of_outlook(read: Reading) -> None:
    result = read(documents.msg("Harvest", "The apples are ripe.\r\nCome soon."), "a.msg")
    assert result.kind == "msg"
    assert result.text == (
        "Subject: Harvest\nFrom: <ada@example.org>\nTo: Grace <grace@example.org>\n\nThe apples are ripe.\nCome soon."
    )


def test_code_as_it_is(read: Reading) -> None:
    result = read(b"def main():\n    # <html> {json}\n    return 1\n", "main.py")
    assert (result.kind, result.text) == ("code", "def main():\n    # <html> {json}\n    return 1")


def test_images_are_left_to_ocr_and_recordings_to_later(read: Reading) -> None:
    assert read(documents.picture("x"), "a.png").answer["pages"] == [0]
    assert "turning speech into text arrives in a later version" in read(b"ID3\x03" + bytes(100), "a.mp3").reason
    assert "later version" in read(b"\x00\x00\x00\x20ftypisom" + bytes(100), "a.mp4").reason


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (3.0, "3"),
        (0.1, "0.1"),
        (True, "True"),
        (datetime.datetime(2024, 5, 1, 12, 30), "2024-05-01 12:30:00"),
        (datetime.date(2024, 5, 1), "2024-05-01"),
        (datetime.time(12, 30), "12:30:00"),
        (" a\n b ", "a b"),
    ],
)
def test_values_of_cells(value: object, text: str) -> None:
    assert text_of(value) == text
