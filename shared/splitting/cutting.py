"""The ways of cutting one text: each takes it and returns `(offset, piece)` in its order, offsets in characters."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Literal

Splitter = Literal["character", "token", "markdown", "semantic"]
Pieces = list[tuple[int, str]]
Cut = Callable[[str], Pieces]

# Where to cut, best first: behind a paragraph, a line, a sentence, a word.
_PLACES = ("\n\n", "\n", (". ", "! ", "? ", "。", "！", "？"), (" ", "\t"))
_WORD_START = re.compile(r"(?<=\s)\S")

OPENAI_TOKENS = "text-embedding-3-small"
"""The model whose tokens count where the embedding model's own tokenizer is not at hand: cl100k_base."""


def cut_for(splitter: Splitter, size: int, overlap: int, tokenizer: str = "") -> Cut:
    """How `splitter` cuts: pieces of at most `size`, each repeating at most `overlap` of the one before.

    Both are tokens for the splitter `token`, otherwise characters. `tokenizer` is the path of a `tokenizer.json`;
    without one OpenAI's tokens are counted, whose vocabulary comes with the library: nothing is fetched.
    """
    overlap = min(overlap, size // 2)
    if splitter in ("character", "markdown"):
        return lambda text: by_characters(text, size, overlap)
    return _by_library(splitter, size, overlap, tokenizer)


def by_characters(text: str, size: int, overlap: int) -> Pieces:
    """Cuts behind the last paragraph in the latter half of a piece, else a line, a sentence, a word, or anywhere."""
    pieces: Pieces = []
    start = 0
    while len(text) - start > size:
        end = _end(text, start, size)
        _add(pieces, text, start, end)
        start = max(_back(text, end, overlap), start + 1)
    _add(pieces, text, start, len(text))
    return pieces


def _end(text: str, start: int, size: int) -> int:
    least, most = start + size // 2, start + size
    for places in _PLACES:
        found = max(text.rfind(mark, least, most) + len(mark) for mark in _marks(places))
        if found > least:
            return found
    return most


def _marks(places: str | tuple[str, ...]) -> tuple[str, ...]:
    return (places,) if isinstance(places, str) else places


def _back(text: str, end: int, overlap: int) -> int:
    """Where the next piece begins: at the first word within the overlap; with no word boundary there, at its begin."""
    if not overlap:
        return end
    found = _WORD_START.search(text, max(end - overlap - 1, 0), end)
    return found.start() if found else end - overlap


def _add(pieces: Pieces, text: str, start: int, end: int) -> None:
    piece = text[start:end]
    kept = piece.strip()
    if kept:
        pieces.append((start + len(piece) - len(piece.lstrip()), kept))


@lru_cache(maxsize=8)
def _by_library(splitter: Splitter, size: int, overlap: int, tokenizer: str) -> Cut:
    from semantic_text_splitter import TextSplitter

    if splitter == "semantic":
        return TextSplitter(size, overlap).chunk_indices
    if tokenizer:
        return TextSplitter.from_huggingface_tokenizer_file(tokenizer, size, overlap).chunk_indices
    return TextSplitter.from_tiktoken_model(OPENAI_TOKENS, size, overlap).chunk_indices
