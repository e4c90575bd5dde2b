"""Where everything of a file lies in the bucket: all below `files/<user>/<file>/`, so that deleting that is enough."""

import secrets
import time

from shared.files import FileItem

DROP = "drop/"


def new_generation() -> str:
    """An id for one ingestion of a file; later ones sort after earlier ones."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(4)}"


def folder(user_id: str, file_id: str) -> str:
    """Everything of a file, but for an object of the drop folder."""
    return f"files/{user_id}/{file_id}/"


def edited(file: FileItem) -> str:
    """The text that somebody wrote in place of what the file says."""
    return f"{folder(file.user_id, file.file_id)}edited"


class Generation:
    """What one ingestion of a file makes."""

    def __init__(self, user_id: str, file_id: str, generation: str) -> None:
        self.prefix = f"{folder(user_id, file_id)}{generation}/"

    def segments(self, part: str) -> str:
        """The segments of a range of the file, as JSON lines."""
        return f"{self.prefix}segments/{part}.jsonl"

    def pictures(self, part: str) -> str:
        """The pictures of some pages, as JSON lines, until they are described."""
        return f"{self.prefix}pictures/{part}.jsonl"

    @property
    def text(self) -> str:
        """The whole text, UTF-8."""
        return f"{self.prefix}text"

    @property
    def chunks(self) -> str:
        """The chunks, as JSON lines."""
        return f"{self.prefix}chunks.jsonl"

    @property
    def plan(self) -> str:
        """How many chunks there are, and where the batches of them begin."""
        return f"{self.prefix}plan.json"

    def trouble(self, space_id: str) -> str:
        """Why chunks could not be embedded: the last reason, UTF-8."""
        return f"{self.prefix}trouble-{space_id}"

    def vectors(self, space_id: str, batch: int) -> str:
        """The vectors of a batch of chunks: 32-bit floats, little-endian, one row after the other."""
        return f"{self.prefix}vectors-{space_id}/{batch:04d}.f32"
