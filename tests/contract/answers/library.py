"""Files and knowledge as the ingestion leaves them, without having run it."""

import uuid
from typing import Any

from shared import files
from shared.files import FileItem
from shared.identity.access import AccessControl, AccessRule
from shared.ingestion.keys import Generation
from shared.knowledge import items, membership
from shared.retrieval.spaces import LEXICAL
from shared.search import opening
from shared.search.protocol import Entry
from shared.storage import objects


def document(user_id: str, name: str, *passages: str, status: str = "indexed") -> FileItem:
    """A file of a person whose passages can be found, each on a page of its own."""
    item = files.store(user_id, name, "text/plain", "\n".join(passages).encode())
    generation = f"g-{uuid.uuid4().hex}"
    item.status = status
    if status == "indexed":
        item.generation = generation
        objects.put(Generation(user_id, item.file_id, generation).text, "\n".join(passages).encode(), "text/plain")
        opening.index(LEXICAL).write(f"file-{item.file_id}", _entries(item, generation, passages))
    item.save()
    return item


def knowledge(user_id: str, *documents: tuple[FileItem, list[str]], readers: list[str] | None = None) -> str:
    """A knowledge base of a person with files and their passages; its id."""
    access = AccessControl(read=AccessRule(user_ids=readers or []))
    base = items.create(user_id, "Handbook", access=access)
    for item, passages in documents:
        membership.add(base.knowledge_id, item.file_id)
        opening.index(LEXICAL).write(base.knowledge_id, _entries(item, str(item.generation), passages))
        membership.made_searchable(base.knowledge_id, item.file_id, str(item.generation))
    return str(base.knowledge_id)


def file(item: FileItem, **more: Any) -> dict[str, Any]:
    """A file as clients attach it."""
    return {"type": "file", "id": item.file_id, "name": item.filename, "url": item.file_id, **more}


def collection(knowledge_id: str, **more: Any) -> dict[str, Any]:
    """A knowledge base as clients attach it."""
    return {"type": "collection", "id": knowledge_id, "name": "Handbook", **more}


def _entries(item: FileItem, generation: str, passages: Any) -> list[Entry]:
    return [
        Entry(
            f"{item.file_id}-{generation}-{number}",
            item.file_id,
            generation,
            number,
            text,
            {"name": item.filename, "source": item.filename, "page": number + 1},
        )
        for number, text in enumerate(passages)
    ]
