"""The first step: what kind of file each is, by its first bytes, and what is to be read of it."""

import hashlib
from typing import Any

from functions.ingestion.batch import BatchState, Member, advance, fail, members
from functions.ingestion.extracting import work_item
from shared import kinds
from shared.files import FileItem
from shared.ingestion import limits
from shared.parallel import in_parallel
from shared.storage import objects

GONE = "The file's content is not there any more. Upload it again."
EMPTY = "The file is empty. Choose another one."


def identify(batch: BatchState) -> BatchState:
    """The batch with its work: to read each file that is known and allowed. The others have failed by then."""
    mine = advance(members(batch), "extracting", 5)
    found = in_parallel(_identified, [member for member in mine if member.state["fresh"]])
    return {**batch, "work": [item for item in found if item is not None], "results": []}


def _identified(member: Member) -> dict[str, Any] | None:
    """What is to be read of a file; None where that is nothing, with a reason."""
    file = member.file
    size = objects.size(member.source)
    refusal = _refusal(size) or limits.refused(file)
    if refusal is None and not file.edited:
        _note_hash(file)
    kind: str | kinds.Refused = "text"
    if refusal is None and not file.edited:
        kind = kinds.identify(objects.part_of(member.source, 0, kinds.FIRST_BYTES - 1), file.filename)
    if isinstance(kind, kinds.Refused):
        refusal = kind.reason
    if refusal is not None:
        fail(member, refusal)
        return None
    member.state["kind"], member.state["parts"] = str(kind), []
    return work_item(member, "0000")


def _refusal(size: int | None) -> str | None:
    """Why a file of so many bytes is not read, if so."""
    if size is None:
        return GONE
    return limits.over_size(size) if size else EMPTY


def _note_hash(file: FileItem) -> None:
    """Notes the SHA-256 of content that came to the bucket past the API."""
    if file.hash:
        return
    digest = hashlib.sha256()
    for piece in objects.stream(file.path):
        digest.update(piece)
    file.update([FileItem.hash.set(digest.hexdigest())], FileItem.pk.exists())
