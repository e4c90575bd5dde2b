"""The elements of a JSON array, one at a time, out of a stream of bytes.

Only strings and brackets are looked at, so what is wrong within one element does not hide the next, and an import can
go on at the byte behind any of them. Memory: one element and one chunk.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shared.errors import Invalid

# The bytes of one chat; of a longer one only the beginning is kept.
LONGEST = 48 * 1024 * 1024
_BEGINNING = 4096
_BOM = b"\xef\xbb\xbf"
_SPACE = b" \t\r\n"
_TOKEN = re.compile(rb'["\[\]{},]')
_STRING = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)

NOT_JSON = "This file is not JSON. Choose the JSON file of an export of chats."
ZIPPED = "This is a zip archive. Unpack it and choose conversations.json, or the other JSON file, that is in it."
EMPTY = "This file is empty."
CUT_OFF = "The file ends in the middle, so it is not whole. The chats before that place are imported."


@dataclass(frozen=True)
class Element:
    """An element's bytes, and the place in the file behind it. Of one that is too long only the beginning is here."""

    raw: bytes
    end: int
    too_long: bool = False


def elements(chunks: Iterable[bytes], start: int = 0, longest: int = LONGEST) -> Iterator[Element]:
    """The elements of the array that the file is; of a file that is no array, its objects one after the other.

    `start` is 0, or the `end` of an element, which is where `chunks` begin then. Raises `Invalid` for what is no JSON.
    """
    return _Reader(start, longest).read(chunks)


class _Reader:
    def __init__(self, start: int, longest: int) -> None:
        self._longest = longest
        self._resumed = start > 0
        self._offset = start  # of the current chunk in the file
        self._base: int | None = None  # the depth that elements stand at: 1 in an array, 0 without one
        self._depth = 0
        self._in_string = self._closed = False
        self._skip = 0  # bytes at the beginning of the next chunk that an escape takes
        self._element = bytearray()
        self._length = 0

    def read(self, chunks: Iterable[bytes]) -> Iterator[Element]:
        for chunk in chunks:
            rest = self._begin(chunk) if self._base is None else chunk
            yield from self._scan(rest)
            self._offset += len(rest)
        if self._base is None and not self._resumed:
            raise Invalid(EMPTY)
        if (self._base and not self._closed) or self._element.strip(_SPACE):
            raise Invalid(CUT_OFF)

    def _begin(self, chunk: bytes) -> bytes:
        """The chunk from the first element on, once it is known what the file is."""
        rest = (chunk.removeprefix(_BOM) if self._offset == 0 else chunk).lstrip(_SPACE)
        self._offset += len(chunk) - len(rest)
        if not rest:
            return rest
        if rest[:1] == b"[" and not self._resumed:
            self._base = self._depth = 1
            self._offset += 1
            return rest[1:]
        if rest[:1] in (b",", b"]") and self._resumed:
            self._base = self._depth = 1
            return rest
        if rest[:1] == b"{":
            self._base = 0
            return rest
        raise Invalid(ZIPPED if rest.startswith(b"PK\x03\x04") else NOT_JSON)

    def _scan(self, chunk: bytes) -> Iterator[Element]:
        position, taken = self._skip, 0
        while not self._closed:
            if self._in_string:
                position = self._string_end(chunk, position)
                if position >= len(chunk):
                    break
                self._in_string = False
                position += 1
                continue
            match = _TOKEN.search(chunk, position)
            if match is None:
                position = len(chunk)
                break
            position, token = match.end(), match[0]
            if token == b'"':
                self._in_string = True
            elif token in b"[{":
                self._depth += 1
            elif token in b"]}":
                self._depth -= 1
                if self._depth < (self._base or 0):
                    yield from self._complete(chunk[taken : match.start()], match.start())
                    self._closed = True
                elif self._depth == 0:
                    yield from self._complete(chunk[taken:position], position)
                    taken = position
            elif self._depth == self._base == 1:
                yield from self._complete(chunk[taken : match.start()], match.start())
                taken = position
        if not self._closed:
            self._take(chunk[taken:])
        self._skip = max(0, position - len(chunk))

    def _string_end(self, chunk: bytes, position: int) -> int:
        """Where the quote is that ends the string; behind the chunk when it is not in it."""
        match = _STRING.match(chunk, position)
        end = match.end() if match else position
        return len(chunk) + 1 if chunk[end : end + 1] == b"\\" else end

    def _take(self, part: bytes) -> None:
        self._length += len(part)
        if self._length <= self._longest:
            self._element += part
        else:
            self._element = (self._element + part[:_BEGINNING])[:_BEGINNING]

    def _complete(self, part: bytes, place: int) -> Iterator[Element]:
        """The element that ends with `part`, at `place` of the chunk; nothing where there is only space."""
        self._take(part)
        raw, too_long = bytes(self._element.strip(_SPACE)), self._length > self._longest
        self._element, self._length = bytearray(), 0
        if raw:
            yield Element(raw, self._offset + place, too_long)
