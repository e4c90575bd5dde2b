"""Text as the index has it, and what a person types into the search box.

Text is folded (case, width, accents) and everything but letters, digits and symbols becomes one space, so that a word
is found wherever it stands, also within another. The index knows sequences of three characters; shorter words are
found by the sequences they begin: in scripts without spaces between words wherever they stand, in others at the
beginning of a word (two characters) or as a word of their own (one character).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from shared import folding

# A query has an end: each word costs a look into every shard.
WORDS = 12
QUERY_CHARACTERS = 1000
SNIPPET_CHARACTERS = 160

_GRAM = 3
# So that every character begins a sequence of three.
_END = "  "
_PART = re.compile(r'"([^"]*)"|(\S+)')
_FLAGS = {"pinned", "archived", "shared"}


@dataclass(frozen=True)
class Term:
    """A word or quoted phrase that has to occur: `needle` in a folded text. A short one begins with a word's edge."""

    needle: str

    def occurs(self, folded: str) -> bool:
        """Whether it occurs in a text as `fold` gives it."""
        return self.needle in folded

    @property
    def grams(self) -> list[str]:
        """The sequences of three characters that a text with it has; none when it is too short for that."""
        found = [self.needle[at : at + _GRAM] for at in range(len(self.needle) - _GRAM + 1)]
        return list(dict.fromkeys(found))


@dataclass(frozen=True)
class Query:
    """What a person searches for; None: whatever it is. Tags and folders are names as typed, folded."""

    terms: tuple[Term, ...] = ()
    tags: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    pinned: bool | None = None
    archived: bool | None = None
    shared: bool | None = None


def fold(text: str) -> str:
    """The text as it is indexed and searched: words are found by the spaces around them."""
    return f" {folding.fold(text)}{_END}"


def parse(text: str) -> Query:
    """The query that `text` is: words, "phrases", tag:name, folder:name, and pinned:, archived:, shared: true or false.

    In names of tags and folders `_` stands for a space (as the contract has it) or the name is in quotes.
    """
    words: list[str] = []
    names: dict[str, list[str]] = {"tag": [], "folder": []}
    flags: dict[str, bool] = {}
    for phrase, word in _PART.findall(_joined(text[:QUERY_CHARACTERS])):
        key, colon, value = word.partition(":")
        key = key.lower()
        if colon and key in names:
            names[key].append(plain_name(value.strip('"')))
        elif colon and key in _FLAGS:
            if value.lower() in ("true", "false"):
                flags.setdefault(key, value.lower() == "true")
        else:
            words.append(phrase or word)
    terms = dict.fromkeys(term for word in words if (term := _term(word)))
    found = tuple(terms)[:WORDS]
    return Query(
        found,
        tuple(filter(None, names["tag"])),
        tuple(filter(None, names["folder"])),
        flags.get("pinned"),
        flags.get("archived"),
        flags.get("shared"),
    )


def plain_name(name: str) -> str:
    """A name of a tag or folder by which it is compared: case, `_` and spaces make no difference."""
    return " ".join(name.replace("_", " ").replace("\N{NO-BREAK SPACE}", " ").casefold().split())


def searchable(content: object) -> str:
    """The text of a message's content: a string, or the parts of a list that are text."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    return "\n".join(
        str(part["text"]) for part in content if isinstance(part, dict) and isinstance(part.get("text"), str)
    )


def snippet(text: str, terms: Iterable[Term]) -> str:
    """The part of a text around the first word that was searched for, on one line."""
    at = min((place for term in terms if (place := _place(text, term)) is not None), default=0)
    begin = max(0, at - SNIPPET_CHARACTERS // 3)
    if begin:  # not in the middle of a word, where words have ends
        space = text.find(" ", begin, at)
        begin = space + 1 if space >= 0 else begin
    part = " ".join(text[begin : begin + SNIPPET_CHARACTERS].split())
    return f"{'… ' if begin else ''}{part}{' …' if begin + SNIPPET_CHARACTERS < len(text) else ''}"


def _place(text: str, term: Term) -> int | None:
    """Where a term stands in a text before it was folded."""
    words = r"[\W_]+".join(re.escape(word) for word in term.needle.split())
    if found := re.search(words, text, re.IGNORECASE):
        return found.start()
    # An accent or a width makes the difference: fold word by word.
    first = term.needle.split()[0]
    return next((match.start() for match in re.finditer(r"\S+", text) if first in fold(match[0])), None)


def _joined(text: str) -> str:
    """`tag:"two words"` as one word."""
    quoted = re.compile(r'\b(tag|folder):"([^"]*)"', re.IGNORECASE)
    return quoted.sub(lambda found: f"{found[1]}:{'_'.join(found[2].split())}", text.replace("\x00", ""))


def _term(word: str) -> Term | None:
    needle = fold(word).strip()
    if not needle:
        return None
    if len(needle) >= _GRAM or folding.UNSPACED.search(needle):
        return Term(needle)
    return Term(f" {needle}" if len(needle) == _GRAM - 1 else f" {needle} ")
