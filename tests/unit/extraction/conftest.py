"""Files read as the function reads them: identified, then in a process of their own."""

import faulthandler
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from functions.extraction.extracting import extract
from functions.extraction.isolation import Limits, isolated
from functions.extraction.tasks import Options, Task
from shared.kinds import Refused, identify
from shared.segments import Segment, read_segments


@dataclass(frozen=True)
class Result:
    """What came of a file."""

    kind: str
    answer: dict[str, Any]
    segments: list[Segment]

    @property
    def text(self) -> str:
        return "\n\n".join(segment.text for segment in self.segments)

    @property
    def reason(self) -> str:
        assert self.answer["status"] == "failed", json.dumps(self.answer)
        return str(self.answer["reason"])


Reading = Callable[..., Result]


@pytest.fixture
def read(tmp_path: Path) -> Reading:
    """Reads bytes (or a file) by name: `read(content, name, memory=…, first=…, **options)`."""

    def reading(
        content: bytes | Path,
        name: str,
        *,
        memory: int = 1000,
        seconds: float = 60,
        limits: tuple[int | None, int | None] = (None, None),
        **options: Any,
    ) -> Result:
        path = content if isinstance(content, Path) else tmp_path / "input"
        if isinstance(content, bytes):
            path.write_bytes(content)
        with path.open("rb") as file:
            kind = identify(file.read(65536), name)
        if isinstance(kind, Refused):
            return Result("refused", {"status": "failed", "reason": kind.reason}, [])
        task = Task("", "", kind, name, *limits, options=Options(**options))
        target = tmp_path / "segments"
        target.write_bytes(b"")

        def work() -> dict[str, Any]:
            faulthandler.disable()  # what a library does in its last moment is not worth a page of the log
            return extract(task, path, target)

        answer = isolated(work, Limits(memory, seconds))
        return Result(kind, answer, list(read_segments(target.read_bytes().splitlines())))

    return reading
