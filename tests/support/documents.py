"""Real files of every kind, made on the spot: no binary files in the repository."""

import io
import struct
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
ODF = "urn:oasis:names:tc:opendocument:xmlns"


def zipped(parts: Mapping[str, str | bytes], stored: Iterable[str] = ()) -> bytes:
    """A ZIP archive; parts named in `stored` are not compressed."""
    buffer = io.BytesIO()
    kept = set(stored)
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content, zipfile.ZIP_STORED if name in kept else zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def pdf(pages: Sequence[str], *, chapters: Mapping[int, str] | None = None, password: str = "") -> bytes:
    """A PDF with a text per page; `chapters` are bookmarks by page."""
    from fpdf import FPDF

    document = FPDF()
    document.set_font("helvetica", size=11)
    for number, text in enumerate(pages):
        document.add_page()
        if chapters and number in chapters:
            document.start_section(chapters[number])
        document.multi_cell(0, 5, text)
    if password:
        document.set_encryption(owner_password=password, user_password=password)
    return bytes(document.output())


def plain_pdf(pages: Sequence[Sequence[str]], pictures: Mapping[int, bytes], side: int) -> bytes:
    """A PDF of pages of ASCII lines, made at once; `pictures`: pixels (grey, `side` × `side`) by page."""
    objects: list[bytes] = []

    def add(head: str, stream: bytes | None = None) -> int:
        body = b"" if stream is None else b"\nstream\n" + stream + b"\nendstream"
        objects.append(f"{len(objects) + 1} 0 obj\n{head}".encode() + body + b"\nendobj\n")
        return len(objects)

    font = add("<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
    kids = []
    tree = len(objects) + sum(2 + (number in pictures) for number in range(len(pages))) + 1
    for number, lines in enumerate(pages):
        text = "".join(f"({line}) Tj T*\n" for line in lines)
        shown, resources = "", f"/Font<</F {font} 0 R>>"
        if number in pictures:
            head = f"<</Type/XObject/Subtype/Image/Width {side}/Height {side}/ColorSpace/DeviceGray"
            picture = add(f"{head}/BitsPerComponent 8/Length {side * side}>>", pictures[number])
            shown, resources = "q 100 0 0 100 40 40 cm /P Do Q\n", f"{resources}/XObject<</P {picture} 0 R>>"
        content = f"{shown}BT /F 9 Tf 12 TL 40 800 Td\n{text}ET".encode()
        stream = add(f"<</Length {len(content)}>>", content)
        page = f"<</Type/Page/Parent {tree} 0 R/MediaBox[0 0 595 842]/Contents {stream} 0 R"
        kids.append(add(f"{page}/Resources<<{resources}>>>>"))
    add(f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(f'{kid} 0 R' for kid in kids)}]>>")
    root = add(f"<</Type/Catalog/Pages {tree} 0 R>>")
    parts, at = [b"%PDF-1.4\n", *objects], [0]
    for part in parts:
        at.append(at[-1] + len(part))
    table = "".join(f"{offset:010} 00000 n \n" for offset in at[1:-1])
    size = len(objects) + 1
    end = (
        f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<</Size {size}/Root {root} 0 R>>\nstartxref\n{at[-1]}\n"
    )
    return b"".join([*parts, end.encode(), b"%%EOF"])


def pdf_of_images(images: Sequence[bytes], *, texts: Sequence[str] = ()) -> bytes:
    """A PDF with an image per page, as scanners make them; `texts` stand above them."""
    from fpdf import FPDF

    document = FPDF()
    document.set_font("helvetica", size=11)
    for number, image in enumerate(images):
        document.add_page()
        if number < len(texts) and texts[number]:
            document.multi_cell(0, 5, texts[number])
        document.image(io.BytesIO(image), w=190)
    return bytes(document.output())


def picture(text: str, *, kind: str = "PNG", size: tuple[int, int] = (900, 200), frames: int = 1) -> bytes:
    """An image that shows a text, as many times as it has frames."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).multiline_text((30, 30), text, fill="black", font=ImageFont.load_default(44))
    buffer = io.BytesIO()
    image.save(buffer, kind, **({"save_all": True, "append_images": [image] * (frames - 1)} if frames > 1 else {}))
    return buffer.getvalue()


def docx(*, macros: bool = False) -> bytes:
    """Two chapters, a section, a table."""
    from docx import Document

    document = Document()
    document.add_heading("Expeditions", 1)
    document.add_paragraph("The ship leaves in May.")
    document.add_heading("Crew", 2)
    document.add_paragraph("Twelve people are on board.")
    table = document.add_table(rows=2, cols=2)
    for at, value in enumerate(("Name", "Task", "Ada", "Navigation")):
        table.cell(at // 2, at % 2).text = value
    document.add_heading("Return", 1)
    document.add_paragraph("It is back in October.")
    buffer = io.BytesIO()
    document.save(buffer)
    if not macros:
        return buffer.getvalue()
    with zipfile.ZipFile(buffer) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    plain = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(
        plain, b"application/vnd.ms-word.document.macroEnabled.main+xml"
    )
    return zipped(parts | {"word/vbaProject.bin": b"\xd0\xcf\x11\xe0 Sub AutoOpen()"})


def pptx() -> bytes:
    """Two slides, the second with a table and notes."""
    from pptx import Presentation
    from pptx.util import Inches

    presentation = Presentation()
    first = presentation.slides.add_slide(presentation.slide_layouts[1])
    first.shapes.title.text = "Plan"
    first.placeholders[1].text = "Build a boat"
    second = presentation.slides.add_slide(presentation.slide_layouts[5])
    second.shapes.title.text = "Costs"
    table = second.shapes.add_table(1, 2, Inches(1), Inches(2), Inches(4), Inches(1)).table
    table.cell(0, 0).text, table.cell(0, 1).text = "Wood", "300"
    second.notes_slide.notes_text_frame.text = "Ask for a discount"
    buffer = io.BytesIO()
    presentation.save(buffer)
    return buffer.getvalue()


def xlsx(sheets: Mapping[str, Sequence[Sequence[object]] | Mapping[tuple[int, int], object]]) -> bytes:
    """A workbook. A sheet is its rows, or its cells by row and column."""
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as workbook:
        for name, rows in sheets.items():
            sheet = workbook.add_worksheet(name)
            if isinstance(rows, Mapping):
                for place, value in rows.items():
                    sheet.write(*place, value)
                continue
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return buffer.getvalue()


def odt(body: str, kind: str = "text") -> bytes:
    """An OpenDocument with this body: `text:` and `table:` elements."""
    names = ("office", "text", "table", "drawing")
    spaces = " ".join(f'xmlns:{name if name != "drawing" else "draw"}="{ODF}:{name}:1.0"' for name in names)
    inner = f"<office:{kind}>{body}</office:{kind}>"
    content = f"<office:document-content {spaces}><office:body>{inner}</office:body></office:document-content>"
    mimetype = f"application/vnd.oasis.opendocument.{kind}"
    manifest = f'<manifest:manifest xmlns:manifest="{ODF}:manifest:1.0"/>'
    parts = {"mimetype": mimetype, "content.xml": content, "META-INF/manifest.xml": manifest}
    return zipped(parts, stored=["mimetype"])


def epub(chapters: Sequence[str], parts: Mapping[str, str | bytes] | None = None) -> bytes:
    """A book with these bodies of XHTML as chapters."""
    names = [f"c{number}.xhtml" for number in range(len(chapters))]
    items = "".join(f'<item id="i{name}" href="{name}" media-type="application/xhtml+xml"/>' for name in names)
    spine = "".join(f'<itemref idref="i{name}"/>' for name in names)
    package = (
        f'<package xmlns="http://www.idpf.org/2007/opf"><manifest>{items}</manifest><spine>{spine}</spine></package>'
    )
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
        '<rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
    )
    page = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head><body>{}</body></html>'
    texts = {f"OEBPS/{name}": page.format(body) for name, body in zip(names, chapters, strict=True)}
    head = {"mimetype": "application/epub+zip", "META-INF/container.xml": container, "OEBPS/book.opf": package}
    return zipped({**head, **texts, **(parts or {})}, stored=["mimetype"])


def compound_file(streams: Mapping[str, bytes]) -> bytes:
    """A compound file, as Outlook and Office before 2007 write them; names may have folders.

    https://learn.microsoft.com/openspecs/windows_protocols/ms-cfb. Streams are padded to be large, which spares the
    second allocation table of small ones.
    """
    sector, small = 512, 4096
    folders = sorted({"/".join(name.split("/")[:depth]) for name in streams for depth in range(1, name.count("/") + 1)})
    entries: list[tuple[str, int, bytes]] = [("Root Entry", 5, b"")]
    entries += [(folder, 1, b"") for folder in folders]
    entries += [(name, 2, data) for name, data in streams.items()]
    data_sectors: list[bytes] = []
    chains: list[int] = []
    starts: dict[str, tuple[int, int]] = {}
    for name, kind, data in entries:
        if kind != 2:
            continue
        padded = data.ljust(small, b"\x00")
        count = -(-len(padded) // sector)
        first = len(chains)
        starts[name] = (first, len(padded))
        chains += [*range(first + 1, first + count), 0xFFFFFFFE]
        data_sectors += [padded[at : at + sector].ljust(sector, b"\x00") for at in range(0, len(padded), sector)]
    directory = _directory(entries, folders, starts)
    first_directory = len(chains)
    count = len(directory) // sector
    chains += [*range(first_directory + 1, first_directory + count), 0xFFFFFFFE]
    tables = 1
    while (len(chains) + tables) * 4 > tables * sector:
        tables += 1
    first_table = len(chains)
    chains += [0xFFFFFFFD] * tables
    table = struct.pack(f"<{len(chains)}I", *chains).ljust(tables * sector, b"\xff")
    head = struct.pack("<8s16sHHHHH6sIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6, b"",
                       0, tables, first_directory, 0, small, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)  # fmt: skip
    listed = struct.pack(f"<{tables}I", *range(first_table, first_table + tables)).ljust(109 * 4, b"\xff")
    return head + listed + b"".join(data_sectors) + directory + table


def _directory(
    entries: Sequence[tuple[str, int, bytes]], folders: Sequence[str], starts: Mapping[str, tuple[int, int]]
) -> bytes:
    """Each storage's children as a chain of right siblings, which readers take though writers balance it."""
    none = 0xFFFFFFFF
    numbers = {name: number for number, (name, _, _) in enumerate(entries)}
    within: dict[str, list[str]] = {"": [], **{folder: [] for folder in folders}}
    for name, _, _ in entries[1:]:
        within[name.rpartition("/")[0]].append(name)
    order = lambda name: (len(name.rpartition("/")[2]), name.rpartition("/")[2].upper())  # noqa: E731
    right: dict[str, int] = {}
    child: dict[str, int] = {}
    for folder, names in within.items():
        names.sort(key=order)
        child[folder] = numbers[names[0]] if names else none
        right |= {name: numbers[after] for name, after in pairwise(names)}
    written = b""
    for name, kind, _ in entries:
        text = name.rpartition("/")[2].encode("utf-16-le")
        first, size = starts.get(name, (0xFFFFFFFE, 0))
        below = child.get("" if kind == 5 else name, none) if kind != 2 else none
        written += struct.pack("<64sHBBIII16sIQQIQ", text, len(text) + 2, kind, 1, none, right.get(name, none), below,
                               b"", 0, 0, 0, first, size)  # fmt: skip
    free = struct.pack("<64sHBBIII16sIQQIQ", b"", 0, 0, 0, none, none, none, b"", 0, 0, 0, 0, 0)
    return written + free * (-len(entries) % 4)


def msg(subject: str, body: str, attached: Mapping[str, bytes] | None = None, inner: Sequence[str] = ()) -> bytes:
    """A message as Outlook saves it, with one recipient; https://learn.microsoft.com/openspecs/exchange_server_protocols/ms-oxmsg.

    `inner`: subject and body of a message that is attached as such.
    """
    streams = _message(32, subject, body)
    for number, (name, content) in enumerate((attached or {}).items()):
        streams |= _attachment(number, {0x3707001F: name.encode("utf-16-le"), 0x37010102: content})
    if inner:
        place = f"__attach_version1.0_#{len(attached or {}):08X}"
        streams |= _attachment(len(attached or {}), {})
        streams |= {f"{place}/__substg1.0_3701000D/{name}": data for name, data in _message(24, *inner).items()}
    return compound_file(streams)


def _message(head: int, subject: str, body: str) -> dict[str, bytes]:
    def text(value: str) -> bytes:
        return value.encode("utf-16-le")

    top = {0x0037001F: text(subject), 0x1000001F: text(body), 0x0C1F001F: text("ada@example.org")}
    person = {0x3001001F: text("Grace"), 0x39FE001F: text("grace@example.org")}
    streams = {f"__substg1.0_{tag:08X}": value for tag, value in top.items()}
    streams["__properties_version1.0"] = _properties(head, {tag: len(value) + 2 for tag, value in top.items()})
    place = "__recip_version1.0_#00000000"
    streams |= {f"{place}/__substg1.0_{tag:08X}": value for tag, value in person.items()}
    streams[f"{place}/__properties_version1.0"] = _properties(8, {tag: len(value) + 2 for tag, value in person.items()})
    return streams


def _attachment(number: int, known: Mapping[int, bytes]) -> dict[str, bytes]:
    place = f"__attach_version1.0_#{number:08X}"
    streams = {f"{place}/__substg1.0_{tag:08X}": value for tag, value in known.items()}
    return {**streams, f"{place}/__properties_version1.0": _properties(8, {t: len(v) for t, v in known.items()})}


def _properties(head: int, known: Mapping[int, int]) -> bytes:
    listed = b"".join(struct.pack("<IIQ", tag, 6, size) for tag, size in known.items())
    return bytes(head) + listed


def xls(cells: Sequence[Sequence[str | float]]) -> bytes:
    """A workbook of before 2007 with one sheet, https://learn.microsoft.com/openspecs/office_file_formats/ms-xls."""

    def record(kind: int, data: bytes) -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    def begin(kind: int) -> bytes:
        return record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))

    end, name = record(0x000A, b""), b"Old"
    sheet = begin(0x0010)
    for number, row in enumerate(cells):
        for column, value in enumerate(row):
            place = struct.pack("<HHH", number, column, 0)
            if isinstance(value, str):
                sheet += record(0x0204, place + struct.pack("<HB", len(value), 0) + value.encode("latin-1"))
            else:
                sheet += record(0x0203, place + struct.pack("<d", value))
    head = begin(0x0005)
    at = len(head) + 4 + 8 + len(name) + len(end)
    book = head + record(0x0085, struct.pack("<IHBB", at, 0, len(name), 0) + name) + end + sheet + end
    return compound_file({"Workbook": book})
