"""The words by which a chunk is found, the same for every index.

Of scripts that put no space between words each two neighbouring characters are a word, and the last one alone: so one
character is found as what a word begins with.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from shared.folding import UNSPACED, fold

# A question is a sentence; more words than this only cost time.
QUERY_TERMS = 48
QUERY_CHARACTERS = 4000
# A longer one is data, as that of an image; SQLite and OpenSearch have limits of their own above that.
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Term:
    """A word that is searched for; of `prefix` what begins with it."""

    word: str
    prefix: bool = False


def storable(text: str) -> str:
    """The text without half characters, as a broken file has, which can be stored nowhere."""
    return text.encode(errors="replace").decode()


def indexed(text: str) -> str:
    """The words of a chunk, with spaces between them."""
    words = fold(text)
    if UNSPACED.search(words):
        words = " ".join(part for word in words.split() for part in _pieces(word))
    return " ".join(word for word in words.split() if len(word) <= _LONGEST) if len(words) > _LONGEST else words


def asked(text: str) -> list[Term]:
    """The words of a question, each once."""
    found: dict[Term, None] = {}
    for word in fold(text[:QUERY_CHARACTERS]).split():
        if len(word) <= _LONGEST:
            found |= dict.fromkeys(_asked(word))
    return list(found)[:QUERY_TERMS]


def _asked(word: str) -> Iterator[Term]:
    for part in _runs(word):
        if not UNSPACED.match(part):
            yield Term(part)
        elif len(part) == 1:
            yield Term(part, prefix=True)
        else:
            yield from (Term(f"{first}{second}") for first, second in pairwise(part))


def _pieces(word: str) -> Iterator[str]:
    for part in _runs(word):
        if UNSPACED.match(part):
            yield from (f"{first}{second}" for first, second in pairwise(part))
            yield part[-1]
        else:
            yield part


def _runs(word: str) -> list[str]:
    """A word cut where the script changes to one without spaces, or from it."""
    end = 0
    found: list[str] = []
    for match in UNSPACED.finditer(word):
        found += [word[end : match.start()], match[0]]
        end = match.end()
    return [part for part in (*found, word[end:]) if part]
