"""What characters the bytes of a text are."""

import codecs
import re
from pathlib import Path

from shared.kinds import wide_charset

_PIECE = 1024 * 1024
_SAMPLE = 64 * 1024
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_ASCII, _C1 = bytes(range(128, 256)), bytes(range(128, 160))
_ESCAPES = re.compile(rb"\x1b(?:\$[@AB]|\$\([@A-DO-Q]|\([BIJ]|\$\)C)")
"""Of ISO-2022, which is ASCII otherwise."""
_FEW, _VERY_FEW = 30, 5
"""Fewer characters beyond ASCII than that are too few to count on how often each comes in a language."""
_WORD = re.compile(r"(?<=\w)[^\s\x21-\x40]+|[^\s\x21-\x40]+(?=\w)")
_WESTERN = frozenset("ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖØÙÚÛÜßàáâãäåæçèéêëìíîïñòóôöøùúûüÿŒœŠšŽž’–")
_LIKE_WESTERN = frozenset({"cs", "he", "hr", "hu", "lv", "sk", "sl", "tr"})
"""Languages whose letters look Western one by one, when they are read as that."""
# Those that are met in files; of others, a few words in these are hard to tell.
_MET = (
    "big5hkscs", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp866",
    "cp874", "cp932", "cp949", "euc_jis_2004", "gb18030", "iso2022_jp_2", "iso2022_kr", "iso8859-1", "iso8859-13",
    "iso8859-15", "iso8859-2", "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-8", "iso8859-9", "koi8-r", "koi8-u",
)  # fmt: skip
_NO_CHARSETS = frozenset({"idna", "punycode", "raw-unicode-escape", "unicode-escape", "utf-7"})
"""Codecs of Python's that no page is in."""
_DECLARED = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_-]{2,40})""", re.I
)


def charset_of(path: Path) -> str:
    """The charset of a text, as Python names it: by its mark, as UTF-8 when all of it is that, else by what fits."""
    with path.open("rb") as file:
        sample = file.read(_SAMPLE)
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return name
    if _ESCAPES.search(sample) and sample.isascii():
        return _guessed(sample)
    if 0 in sample and (found := wide_charset(sample)):
        return found
    return "utf-8" if _is_utf8(path) else _guessed(_telling(path))


def declared(sample: bytes) -> str | None:
    """The charset that a page or an XML document says it has, if it can be that: one that ASCII is part of."""
    match = _DECLARED.search(sample[:4096])
    try:
        name = codecs.lookup(match[1].decode()).name if match else "undefined"
        return name if b"<a>".decode(name) == "<a>" and name not in _NO_CHARSETS else None
    except (LookupError, ValueError):
        return None


def _is_utf8(path: Path) -> bool:
    decoder, some = codecs.getincrementaldecoder("utf-8")(), False
    with path.open("rb") as file:
        try:
            while piece := file.read(_PIECE):
                some = not decoder.decode(piece).isascii() or some
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            # An upload that broke off within a character is UTF-8 all the same.
            return some and error.reason == "unexpected end of data"
    return True


def _telling(path: Path) -> bytes:
    """The first part of a file that has other bytes than ASCII, with what stands around it."""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            if not piece.isascii():
                first = re.search(rb"[^\x00-\x7f]", piece)
                start = max(first.start() - 1000, 0) if first else 0
                return piece[start : start + _SAMPLE]
    return b""


def _guessed(sample: bytes) -> str:
    import chardet

    found = chardet.detect(sample, compat_names=False, include_encodings=_MET)
    charset, many = found["encoding"] or "cp1252", len(sample) - len(sample.translate(None, _NOT_ASCII))
    doubtful = many < _FEW if found["language"] not in _LIKE_WESTERN else many < _VERY_FEW
    if many and doubtful and _looks_western(sample):
        return "cp1252"
    return "iso8859-2" if charset == "cp1250" and _is_latin_2(sample) else charset


def _is_latin_2(sample: bytes) -> bool:
    """Whether what may be Windows' Central European charset is the ISO one, whose ž would be ľ, with no š or ť."""
    if len(sample.translate(None, _C1)) < len(sample):
        return False
    letters = [sum(map(str.isalpha, sample.decode(name, errors="replace"))) for name in ("cp1250", "iso8859-2")]
    return 0xBE in sample or letters[1] > letters[0]


def _looks_western(sample: bytes) -> bool:
    """Whether letters stay letters in Windows' Western charset, by far the most common one without a mark."""
    words = _WORD.findall(sample.decode("cp1252", errors="replace"))
    return all(char in _WESTERN for word in words for char in word if not char.isascii())
