"""How files are shown: the contract's fields, with the text that was read where it is asked for."""

import fnmatch
from collections.abc import Iterable, Iterator
from itertools import batched

from functions.knowledge import file_text, kept
from functions.knowledge.models import FileMeta, FileModelResponse
from shared.files import FileItem
from shared.ingestion import state
from shared.parallel import in_parallel

_TEXTS_AT_ONCE = 16


def response(item: FileItem, text: str | None = None) -> FileModelResponse:
    """A file as clients get it; `text` is what was read of it."""
    data = dict(item.data or {})
    if status := state.contract_status(item):
        data["status"] = status
    if item.status == "failed":
        data["error"] = item.reason
    if text is not None:
        data["content"] = text
    meta = {**kept.shown(item.meta), "name": item.filename, "content_type": item.content_type, "size": int(item.size)}
    return FileModelResponse(
        id=item.file_id,
        user_id=item.user_id,
        hash=item.hash or None,
        filename=item.filename,
        data=data,
        meta=FileMeta(**meta),
        created_at=int(item.created_at),
        updated_at=int(item.updated_at),
        status=item.status,
        progress=None if item.progress is None else int(item.progress),
        reason=item.reason,
        knowledge=sorted(item.knowledge or ()),
        chats=len(item.chats or ()),
        source=item.source,
    )


def with_text(item: FileItem) -> FileModelResponse:
    """A file with the text that was read."""
    return response(item, file_text.text_of(item) if item.status else None)


def listed(items: Iterable[FileItem], *, with_content: bool) -> Iterator[dict[str, object]]:
    """Files for a list of any length: of the texts so many are in memory as are read at once."""
    for some in batched(items, _TEXTS_AT_ONCE):
        for each in in_parallel(with_text if with_content else response, some):
            yield each.model_dump(mode="json")


def named(items: Iterable[FileItem], pattern: str) -> list[FileItem]:
    """Those whose name fits a pattern, in which `*` and `?` stand for anything; letters' case does not count."""
    wanted = pattern.lower()
    return [item for item in items if fnmatch.fnmatchcase(item.filename.lower(), wanted)]
