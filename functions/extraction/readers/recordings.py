"""Audio and video: the hook for transcription, whose segments have seconds."""

from collections.abc import Iterator
from pathlib import Path

from functions.extraction.failures import Unreadable
from shared.segments import Segment


def read_recording(path: Path) -> Iterator[Segment]:
    """What is said in a recording; transcription is not part of this version, which is what people are told."""
    raise Unreadable(
        "Recordings cannot be read yet: turning speech into text arrives in a later version. "
        "Upload a transcript as text until then."
    )
