"""Passages as numbered sources: in the prompt, where they are fenced as data, and as clients show and store them.

Clients count sources by `metadata.source`, in the order in which they come first. A passage of the same file has the
same number.
"""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from shared.llm.tokens import tokens_of

Json = dict[str, Any]

SHOWN_CHARACTERS = 4_000
"""What is kept of a passage for the screen: the whole text of a long file is a click away."""
SHOWN_BYTES = 60_000
"""What is kept of all of them: they travel in one message of the socket."""
LEAST_TOKENS = 50
CUT = "\n[…]\n"
# What a passage must not end early or begin anew.
_FENCES = re.compile(r"<(?=/?\s*(?:source|context|question|memories)\b)", re.IGNORECASE)
_PLACES = re.compile(r"\{\{(CONTEXT|QUERY)\}\}|\[(context|query)\]")


@dataclass(frozen=True)
class Passage:
    """A piece of text and where it is from. `key` names its document: a file's id, a page's address.

    `score` from 0 to 1; None: it was not searched for. `metadata` as the index has it: page, headings, sheet, start.
    """

    key: str
    name: str
    kind: str
    text: str
    score: float | None = None
    metadata: Json = field(default_factory=dict)


def fitted(passages: Sequence[Passage], room: float) -> list[Passage]:
    """As many passages as `room` tokens hold, in their order: those found by a search first, then whole texts.

    Whole texts that do not all fit are cut, the longest first, so that each has its part.
    """
    unique = list({(passage.key, passage.text): passage for passage in reversed(passages)}.values())[::-1]
    found = [passage for passage in unique if passage.score is not None]
    kept = []
    for passage in found:
        needed = tokens_of(passage.text)
        if needed <= room:
            kept.append(passage)
            room -= needed
    whole = sorted((passage for passage in unique if passage.score is None), key=lambda one: len(one.text))
    for number, passage in enumerate(whole):
        share = room / (len(whole) - number)
        cut = _cut(passage, share)
        if cut is not None:
            kept.append(cut)
            room -= tokens_of(cut.text)
    order = {(passage.key, passage.name): index for index, passage in reversed(list(enumerate(unique)))}
    return sorted(kept, key=lambda one: order[(one.key, one.name)])


def sources(passages: Iterable[Passage]) -> list[Json]:
    """The contract's sources: one for each document, with its passages; shortened for the screen."""
    grouped: dict[str, list[Passage]] = {}
    for passage in passages:
        grouped.setdefault(passage.key, []).append(passage)
    left = SHOWN_BYTES
    listed = []
    for key, group in grouped.items():
        shown = []
        for passage in group:
            text = passage.text[:SHOWN_CHARACTERS].encode()[: max(0, left)].decode("utf-8", "ignore")
            left -= len(text.encode())
            shown.append(replace(passage, text=text))
        listed.append(_source(key, shown))
    return listed


def passages_of(listed: Iterable[Json]) -> list[Passage]:
    """The passages of stored sources, for an answer that goes on from where it has cited them."""
    found = []
    for source in listed:
        of = source.get("source") or {}
        texts, metadata = source.get("document") or [], source.get("metadata") or []
        for text, known in zip(texts, metadata, strict=False):
            key = str(known.get("source") or of.get("id") or "")
            name = str(known.get("name") or of.get("name") or "")
            found.append(Passage(key, name, str(of.get("type") or "file"), str(text), metadata=dict(known)))
    return found


def numbered(listed: object) -> list[tuple[str, str]]:
    """Name and address (empty: none) of stored sources, as the text counts them, whoever stored them."""
    found: dict[str, tuple[str, str]] = {}
    for source in listed if isinstance(listed, list) else []:
        of = source.get("source") if isinstance(source, dict) else None
        of = of if isinstance(of, dict) else {}
        metadata = source.get("metadata") if isinstance(source, dict) else None
        for known in metadata if isinstance(metadata, list) else []:
            known = known if isinstance(known, dict) else {}
            key = str(known.get("source") or of.get("id") or "")
            name = str(known.get("title") or known.get("name") or of.get("name") or key)
            url = next((str(each) for each in (known.get("url"), key, of.get("url")) if _is_address(each)), "")
            found.setdefault(key, (" ".join(name.split()), url))
    return list(found.values())


def context(passages: Iterable[Passage]) -> str:
    """The passages as the model reads them, each in an element with its source's number."""
    numbers: dict[str, int] = {}
    lines = []
    for passage in passages:
        number = numbers.setdefault(passage.key, len(numbers) + 1)
        place = "".join(f' {name}="{html.escape(str(value))}"' for name, value in _place(passage))
        lines.append(
            f'<source id="{number}" name="{html.escape(passage.name)}"{place}>\n{fenced(passage.text)}\n</source>'
        )
    return "\n".join(lines)


def _place(passage: Passage) -> Iterable[tuple[str, object]]:
    """Where in its document a passage is, as people count: pages from one."""
    page, sheet = (passage.metadata.get(name) for name in ("page", "sheet"))
    if isinstance(page, int):
        yield "page", page + 1
    if sheet is not None:
        yield "sheet", sheet


def fenced(text: str) -> str:
    """The text with nothing in it that ends the element it is put into."""
    return _FENCES.sub("&lt;", text)


def filled(template: str, context: str, question: str) -> str:
    """A template with sources and question; what it has no place for stands below it."""
    put: set[str] = set()

    def value(found: re.Match[str]) -> str:
        name = (found[1] or found[2]).lower()
        put.add(name)
        return context if name == "context" else question

    text = _PLACES.sub(value, template)
    if "context" not in put:
        text = f"{text}\n\n<context>\n{context}\n</context>"
    return text if "query" in put else f"{text}\n\n{question}"


def _source(key: str, group: Sequence[Passage]) -> Json:
    first = group[0]
    of: Json = {"id": key, "name": first.name, "type": first.kind}
    if _is_address(key):
        of["url"] = key
    listed: Json = {
        "source": of,
        "document": [passage.text for passage in group],
        "metadata": [{**passage.metadata, "source": key, "name": passage.name} for passage in group],
    }
    if all(passage.score is not None for passage in group):
        listed["distances"] = [passage.score for passage in group]
    return listed


def _is_address(value: object) -> bool:
    return isinstance(value, str) and value.startswith(("http://", "https://"))


def _cut(passage: Passage, room: float) -> Passage | None:
    """The beginning of a text that is longer than its room; None where hardly anything would be left."""
    needed = tokens_of(passage.text)
    if needed <= room:
        return passage
    if room < LEAST_TOKENS:
        return None
    return replace(passage, text=passage.text[: int(len(passage.text) * room / needed)] + CUT)
