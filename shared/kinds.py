"""What kind of file it is: by its first bytes; the name only tells texts apart, which look alike."""

import codecs
import re
from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal[
    "pdf", "docx", "pptx", "xlsx", "ods", "odt", "odp", "epub", "html", "markdown", "text", "csv", "json", "xml", "eml",
    "msg", "code", "image", "audio", "video", "office",
]  # fmt: skip
FIRST_BYTES = 64 * 1024
"""As many of a file tell what it is."""
KINDS: tuple[str, ...] = get_args(Kind)
"""`office`: a document of before 2007, or RTF, which only an external engine can read."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing can be read of it, for this reason."""

    reason: str


EMPTY = Refused("The file is empty. Choose another one.")
ARCHIVE = Refused("This is an archive. Unpack it, and upload the files in it.")
PROGRAM = Refused("This is a program, not a document.")
BINARY = Refused("This kind of file is not known, and it is no text. Save it as PDF or text, and upload that.")

_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument."
_PACKED: tuple[tuple[bytes, Kind], ...] = (
    (b"application/epub+zip", "epub"),
    (_OPEN_DOCUMENT + b"text", "odt"),
    (_OPEN_DOCUMENT + b"spreadsheet", "ods"),
    (_OPEN_DOCUMENT + b"presentation", "odp"),
)
_PARTS: tuple[tuple[bytes, Kind], ...] = ((b"word/", "docx"), (b"xl/", "xlsx"), (b"ppt/", "pptx"))
_OFFICE_NAMES: dict[str, Kind] = {
    **dict.fromkeys(("docx", "docm", "dotx", "dotm"), "docx"),
    **dict.fromkeys(("xlsx", "xlsm", "xltx", "xlsb"), "xlsx"),
    **dict.fromkeys(("pptx", "pptm", "ppsx", "potx"), "pptx"),
    "odt": "odt", "ods": "ods", "odp": "odp", "epub": "epub",
}  # fmt: skip
_OLD_NAMES: dict[str, Kind] = {"msg": "msg", "xls": "xlsx"}

# (bytes, offset, kind), https://en.wikipedia.org/wiki/List_of_file_signatures
_SIGNATURES: tuple[tuple[bytes, int, Kind | Refused], ...] = (
    (b"\x89PNG\r\n\x1a\n", 0, "image"),
    (b"\xff\xd8\xff", 0, "image"),
    (b"GIF87a", 0, "image"),
    (b"GIF89a", 0, "image"),
    (b"II*\x00", 0, "image"),
    (b"MM\x00*", 0, "image"),
    (b"WEBP", 8, "image"),
    (b"ftypavif", 4, "image"),
    (b"ftypheic", 4, "image"),
    (b"ftypmif1", 4, "image"),
    (b"WAVE", 8, "audio"),
    (b"AVI ", 8, "video"),
    (b"ftypM4A", 4, "audio"),
    (b"ftyp", 4, "video"),
    (b"moov", 4, "video"),
    (b"ID3", 0, "audio"),
    (b"\xff\xfb", 0, "audio"),
    (b"\xff\xf3", 0, "audio"),
    (b"\xff\xf1", 0, "audio"),
    (b"\xff\xf9", 0, "audio"),
    (b"OggS", 0, "audio"),
    (b"fLaC", 0, "audio"),
    (b"#!AMR", 0, "audio"),
    (b"\x1aE\xdf\xa3", 0, "video"),
    (b"FLV\x01", 0, "video"),
    (b"\x00\x00\x01\xba", 0, "video"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0, "office"),
    (b"{\\rtf", 0, "office"),
    (b"\x1f\x8b", 0, ARCHIVE),
    (b"BZh", 0, ARCHIVE),
    (b"\xfd7zXZ\x00", 0, ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", 0, ARCHIVE),
    (b"Rar!\x1a\x07", 0, ARCHIVE),
    (b"\x28\xb5\x2f\xfd", 0, ARCHIVE),
    (b"PK\x05\x06", 0, ARCHIVE),
    (b"ustar", 257, ARCHIVE),
    (b"\x7fELF", 0, PROGRAM),
    (b"MZ", 0, PROGRAM),
    (b"\xca\xfe\xba\xbe", 0, PROGRAM),
    (b"\xcf\xfa\xed\xfe", 0, PROGRAM),
    (b"\x00asm", 0, PROGRAM),
)

_MARKED = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_CONTROLS = bytes({*range(32), 127} - {9, 10, 12, 13, 27})
_MAIL = re.compile(
    rb"^(?:From |(?:Return-Path|Received|Delivered-To|MIME-Version|Message-ID|From|Subject|Date): ?\S)", re.I
)
_MAIL_FIELDS = re.compile(rb"^(?:From|To|Subject|Date|Message-ID|MIME-Version|Received|Content-Type):", re.I | re.M)
_HTML = re.compile(rb"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S)
_XML = re.compile(rb"^\s*<\?xml\b")

_TEXT_NAMES: dict[str, Kind] = {
    **dict.fromkeys(("md", "markdown", "mdx", "mkd"), "markdown"),
    **dict.fromkeys(("csv", "tsv"), "csv"),
    **dict.fromkeys(("json", "geojson", "ipynb"), "json"),
    **dict.fromkeys(("xml", "svg", "xsd", "rss", "atom", "kml", "gpx"), "xml"),
    **dict.fromkeys(("html", "htm", "xhtml"), "html"),
    "eml": "eml",
    **dict.fromkeys(
        (
            "py", "js", "mjs", "ts", "tsx", "jsx", "svelte", "vue", "java", "kt", "scala", "go", "rs", "c", "h", "cc",
            "cpp", "hpp", "cs", "rb", "php", "swift", "m", "sh", "bash", "zsh", "ps1", "sql", "r", "lua", "pl", "dart",
            "ex", "exs", "hs", "clj", "css", "scss", "less", "yaml", "yml", "toml", "ini", "cfg", "tf", "proto",
            "gradle",
        ),
        "code",
    ),
}  # fmt: skip


def identify(first: bytes, name: str) -> Kind | Refused:
    """The kind of a file by its `FIRST_BYTES`, whatever its name says, or why it is refused."""
    if not first:
        return EMPTY
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if first.startswith(b"PK\x03\x04"):
        return _packed(first, extension)
    if b"%PDF-" in first[:1024]:
        return "pdf"
    for mark, at, found in _SIGNATURES:
        if first.startswith(mark, at) and not (len(mark) < 4 and _is_text(first)):
            return _OLD_NAMES.get(extension, found) if found == "office" and first[0] == 0xD0 else found
    if first.startswith(b"BM") and not _is_text(first):
        return "image"
    return _text(first, extension) if _is_text(first) else BINARY


def _packed(first: bytes, extension: str) -> Kind | Refused:
    """The kind of a ZIP archive, by the names of the parts that come first."""
    head = first[30:200]
    for mark, kind in _PACKED:
        if head.startswith(b"mimetype" + mark):
            return kind
    for mark, kind in _PARTS:
        if mark in first:
            return kind
    return _OFFICE_NAMES.get(extension, ARCHIVE)


def _is_text(first: bytes) -> bool:
    """Whether this is text in some charset: it has hardly any of the characters that no text has."""
    if first.startswith(_MARKED):
        return True
    if 0 in first:
        return wide_charset(first) is not None
    return _has_few_controls(first)


def wide_charset(first: bytes) -> str | None:
    """UTF-16 or UTF-32 that has no mark, as Python names it.

    In UTF-16 every second byte of Western text is zero, and no other; in UTF-32 the highest one of four is.
    """
    if charset := _of_four_bytes(first[: len(first) // 4 * 4]):
        return charset
    even, odd = first[::2].count(0), first[1::2].count(0)
    if max(even, odd) > 0.7 * len(first) / 2 and min(even, odd) < 0.01 * len(first):
        return "utf-16-be" if even > odd else "utf-16-le"
    return None


def _of_four_bytes(first: bytes) -> str | None:
    for charset, highest in (("utf-32-le", 3), ("utf-32-be", 0)):
        if len(first) >= 8 and not any(first[highest::4]):
            try:
                text = first.decode(charset).encode()
            except UnicodeError:
                continue
            if 0 not in text and _has_few_controls(text):
                return charset
    return None


def _has_few_controls(first: bytes) -> bool:
    return len(first) - len(first.translate(None, _CONTROLS)) <= len(first) // 200


def _text(first: bytes, extension: str) -> Kind:
    named = _TEXT_NAMES.get(extension, "text")
    start = first.lstrip(b"\xef\xbb\xbf \t\r\n")
    if named == "code":
        return named
    if _HTML.match(start[:4096]):
        return "html"
    if named != "html" and _XML.match(start):
        return "xml"
    if named == "eml" or (named == "text" and _MAIL.match(start) and len(_MAIL_FIELDS.findall(start[:8192])) >= 3):
        return "eml"
    return named
