"""Embeds one batch of chunks of one file. What was embedded before, of whatever file, is not embedded again."""

import hashlib
from array import array
from collections.abc import Sequence

from botocore.exceptions import ClientError
from pynamodb.attributes import UnicodeAttribute

from functions.ingestion.batch import BatchState
from functions.ingestion.preparing import chunks_of, plan
from shared.clock import now
from shared.files import FileItem
from shared.ingestion import jobs, state
from shared.ingestion.keys import Generation
from shared.ingestion.telling import tell
from shared.llm.errors import ProviderError, Trouble
from shared.retrieval import spaces
from shared.retrieval.embedders import Embedder
from shared.retrieval.spaces import Target
from shared.storage import objects
from shared.storage.tables import Item, TableMeta

_MAY_PASS = (Trouble.RATE, Trouble.UNREACHABLE, Trouble.SILENCE, Trouble.BROKEN, Trouble.OTHER)
_OF_THE_TEXT = (Trouble.CONTEXT, Trouble.REQUEST)
"""What is wrong with these chunks, and not with the model as a whole."""
REMEMBERED_SECONDS = 30 * 86_400
_TOLD_EVERY = 8
Result = dict[str, str]


class VectorsItem(Item):
    """VECTORS#<hash of space and texts>/VECTORS: the object that has their vectors, if it is still there."""

    class Meta(metaclass=TableMeta):
        setting = "knowledge_table"

    object_key = UnicodeAttribute()

    @staticmethod
    def key(digest: str) -> tuple[str, str]:
        """The item's (pk, sk)."""
        return f"VECTORS#{digest}", "VECTORS"


class TryAgain(Exception):
    """The embedding model is busy or away: the state machine tries again after a while."""


def embed(batch: BatchState, item: tuple[int, int, str]) -> Result:
    """Writes the vectors of a batch of chunks; when the model refuses them for good, its reason, to the bucket.

    Raises `TryAgain`.
    """
    at, number, space_id = item
    named = batch["files"][at]
    keys = Generation(named["user"], named["id"], named["generation"])
    target = next((each for each in spaces.targets() if each.space.id == space_id), None)
    key = keys.vectors(space_id, number)
    if target is None or target.embedder is None or objects.size(key) is not None:
        return {"status": "ok"}
    batches = plan(keys)["batches"]
    first, last, _ = batches[number]
    texts = [chunk.text for chunk in chunks_of(keys, first, last)]
    try:
        objects.put(key, _vectors(space_id, texts, target.embedder, key))
    except ProviderError as error:
        if error.trouble in _MAY_PASS:
            raise TryAgain(error.detail) from error
        status = "refused" if error.trouble in _OF_THE_TEXT else "failed"
        objects.put(keys.trouble(space_id), error.detail.encode(errors="replace"), "text/plain; charset=utf-8")
        return {"status": status}
    if number % _TOLD_EVERY == _TOLD_EVERY - 1:
        _tell(named["id"], named["generation"], batch["batch"], 35 + 55 * (number + 1) // len(batches))
    return {"status": "ok"}


def read_vectors(keys: Generation, target: Target, number: int) -> list[Sequence[float]]:
    """The vectors of a batch of chunks."""
    numbers = array("f", objects.get(keys.vectors(target.space.id, number)))
    size = target.space.dimension or 1
    return [numbers[start : start + size] for start in range(0, len(numbers), size)]


def _vectors(space_id: str, texts: list[str], embedder: Embedder, key: str) -> bytes:
    digest = hashlib.sha256("\0".join([space_id, *texts]).encode()).hexdigest()
    if known := _remembered(digest):
        return known
    made = b"".join(array("f", vector).tobytes() for vector in embedder.embed(texts, "passage"))
    item = VectorsItem(*VectorsItem.key(digest), object_key=key)
    item.expires_at = now() + REMEMBERED_SECONDS
    item.save()
    return made


def _remembered(digest: str) -> bytes | None:
    try:
        item = VectorsItem.get(*VectorsItem.key(digest))
        return None if item.expired else objects.get(item.object_key)
    except VectorsItem.DoesNotExist:
        return None
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("NoSuchKey", "404"):
            raise
        return None


def _tell(file_id: str, generation: str, batch: str, progress: int) -> None:
    """Says that it goes on; batches are done in any order, so that the share is about right."""
    file = FileItem(*FileItem.key(file_id))
    job = jobs.of_files([file_id]).get(file_id)
    if job is None or job.batch != batch or not jobs.touch(job):
        return
    if state.advance(file, generation, "embedding", min(progress, 90)):
        tell([file])
