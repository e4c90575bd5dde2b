"""What a person sees of a file's ingestion, and the swap of generations at its end.

Each step writes under the condition that the generation is still the one under way, so that what is late does no harm.
"""

from collections.abc import Sequence
from typing import Literal

from pynamodb.expressions.update import Action

from shared.clock import now
from shared.files import FileItem
from shared.storage.tables import written

Status = Literal["queued", "extracting", "embedding", "indexed", "failed"]
ENDED: tuple[Status, ...] = ("indexed", "failed")
PENDING: tuple[Status, ...] = ("queued", "extracting", "embedding")

# The contract has three states; ours are finer.
_CONTRACT = {"indexed": "completed", "failed": "failed"}


def contract_status(file: FileItem) -> str | None:
    """The status in the contract's words: pending, completed, failed; None where nothing was asked for."""
    return _CONTRACT.get(file.status, "pending") if file.status else None


def queued(generation: str) -> list[Action]:
    """What is written of a file that is queued."""
    return [
        FileItem.status.set("queued"),
        FileItem.progress.set(0),
        FileItem.reason.remove(),
        FileItem.building.set(generation),
    ]


def advance(file: FileItem, generation: str, status: Status, progress: int) -> bool:
    """Notes how far the ingestion is, in percent; False when it is not this one's turn any more."""
    return _write(file, generation, [FileItem.status.set(status), FileItem.progress.set(progress)])


def publish(file: FileItem, generation: str) -> bool:
    """Makes a generation, all of which is in the index, the one that searches find; False when it is another's turn."""
    return _write(
        file,
        generation,
        [
            FileItem.generation.set(generation),
            FileItem.status.set("indexed"),
            FileItem.progress.set(100),
            FileItem.reason.remove(),
            FileItem.building.remove(),
        ],
    )


def fail(file: FileItem, generation: str, reason: str) -> bool:
    """Ends an ingestion with a reason; what was searchable before stays so. False when it is another's turn."""
    actions: list[Action] = [
        FileItem.status.set("failed"),
        FileItem.reason.set(reason[:1000]),
        FileItem.building.remove(),
    ]
    return _write(file, generation, actions)


def _write(file: FileItem, generation: str, actions: Sequence[Action]) -> bool:
    condition = (FileItem.building == generation) & FileItem.deleting.does_not_exist()
    return written(file.update, [*actions, FileItem.updated_at.set(now())], condition)
