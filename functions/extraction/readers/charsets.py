"""What characters the bytes of a text are."""

import codecs
import re
from pathlib import Path

_PIECE = 1024 * 1024
_SAMPLE = 64 * 1024
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_ASCII = bytes(range(128, 256))
_FEW = 30
"""Fewer characters beyond ASCII than that are too few to count on how often each comes in a language."""
_WORD = re.compile(r"(?<=\w)[^\s\x21-\x40]+|[^\s\x21-\x40]+(?=\w)")
_WESTERN = frozenset("ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿŒœŠšŽž’–")
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
    if found := _without_mark(sample):
        return found
    return "utf-8" if _is_utf8(path) else _guessed(_telling(path))


def declared(sample: bytes) -> str | None:
    """The charset that a page or an XML document says it has, if Python knows it."""
    match = _DECLARED.search(sample[:4096])
    try:
        return codecs.lookup(match[1].decode()).name if match else None
    except LookupError:
        return None


def _without_mark(sample: bytes) -> str | None:
    """UTF-16 that does not say so: half of the bytes of Western text are zero."""
    zeros = sample.count(0)
    if zeros * 5 < len(sample):
        return None
    return "utf-16-be" if sample[::2].count(0) > sample[1::2].count(0) else "utf-16-le"


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while piece := file.read(_PIECE):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            # An upload that broke off within a character is UTF-8 all the same.
            return error.reason == "unexpected end of data"
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
    from charset_normalizer import from_bytes

    if len(sample) - len(sample.translate(None, _NOT_ASCII)) < _FEW and _looks_western(sample):
        return "cp1252"
    best = from_bytes(sample).best()
    return best.encoding if best else "cp1252"


def _looks_western(sample: bytes) -> bool:
    """Whether letters stay letters in Windows' Western charset, by far the most common one without a mark."""
    words = _WORD.findall(sample.decode("cp1252", errors="replace"))
    return all(char in _WESTERN for word in words for char in word if not char.isascii())
