"""Texts and pages that become searchable at once, in a collection of their own that somebody owns for a week."""

import hashlib
import re
from collections.abc import Sequence

from shared.errors import Invalid, NotFound
from shared.ingestion.keys import new_generation
from shared.knowledge import collections
from shared.llm.errors import ProviderError
from shared.logs import logger
from shared.retrieval import spaces
from shared.retrieval.settings import RetrievalSettings
from shared.retrieval.spaces import Target
from shared.retrieval.web.pages import Page
from shared.retrieval.web.searching import chunks_of, source_of
from shared.search.opening import index
from shared.search.protocol import Entry

MOST_CHUNKS = 1000
"""What one request makes searchable while somebody waits; larger texts are for files."""
# Those of files, of memories and of knowledge bases, which somebody may make later: nobody takes them beforehand.
_TAKEN = re.compile(
    r"(file|user-memory)-.*|[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.IGNORECASE
)


def own_name(user_id: str, *parts: str, prefix: str = "") -> str:
    """A name for what somebody collects: the same for the same parts, and another one for everybody else."""
    digest = hashlib.sha256("\0".join((user_id, *parts)).encode(errors="replace")).hexdigest()
    return f"{prefix}{digest}"[:63]


def collect(name: str, user_id: str, pages: Sequence[Page], section: RetrievalSettings) -> int:
    """Makes pages searchable in a person's collection, in place of what is in it; how many passages they have.

    Raises `NotFound` for somebody else's collection, `Invalid` for a name that is not to be had.
    """
    if _TAKEN.fullmatch(name):
        raise Invalid("A collection cannot be named like a file or a knowledge base. Leave its name out.")
    known = collections.find(name)
    if known is not None and known.user_id != user_id:
        raise NotFound("This collection does not exist. Choose another name.")
    generation = new_generation()
    entries = _entries(pages, generation, section)
    for target in spaces.targets():
        index(target.space).write(name, _with_vectors(entries, target))
    collections.claim(name, user_id, generation)
    if known is not None:
        for target in spaces.targets():
            index(target.space).delete(name, keep=generation)
    return len(entries)


def _entries(pages: Sequence[Page], generation: str, section: RetrievalSettings) -> list[Entry]:
    entries: list[Entry] = []
    for page in pages:
        file_id = hashlib.sha256(page.url.encode(errors="replace")).hexdigest()[:32]
        for chunk in chunks_of(page, section)[: max(1, MOST_CHUNKS // len(pages))]:
            number = len(entries)
            metadata = source_of(page, chunk, 0).metadata
            entries.append(Entry(f"{generation}-{number:06d}", file_id, generation, number, chunk.text, metadata))
    return entries


def _with_vectors(entries: list[Entry], target: Target) -> list[Entry]:
    """The entries as an index wants them; without vectors, so found by words, when its model does not answer."""
    if target.embedder is None:
        return entries
    try:
        vectors = target.embedder.embed([entry.text for entry in entries], "passage")
    except ProviderError as error:
        logger().warning("collected without vectors", extra={"code": error.trouble})
        spaces.report(error.detail)
        return entries
    return [
        Entry(each.id, each.file_id, each.generation, each.number, each.text, each.metadata, vector)
        for each, vector in zip(entries, vectors, strict=True)
    ]
