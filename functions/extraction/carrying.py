"""What both functions do around the reading: fetch the file, read it in a process of its own, put what was found."""

import json
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from functions.extraction.failures import Unreadable
from functions.extraction.isolation import Answer, Limits, failed, isolated
from functions.extraction.tasks import Task, task_of
from functions.extraction.transfer import download, upload

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_MARGIN = 15.0  # seconds to put what was found, and to answer
_SHARE = 0.6  # of the time there is: by then, work that can be handed on is


def carry_out(
    read: Callable[[Task, Path, Path], Answer], event: dict[str, Any], context: "LambdaContext", memory: int
) -> Answer:
    """The answer of `read`, which takes a task, the file and where its segments go."""
    seconds = max(context.get_remaining_time_in_millis() / 1000 - _MARGIN, 1.0)
    task = task_of(event, until=time.monotonic() + seconds * _SHARE)
    limits = Limits(memory, min(seconds, task.options.seconds))
    with tempfile.TemporaryDirectory(prefix="extraction-") as folder:
        answer = _carried_out(read, task, Path(folder), limits)
    told = {name: value for name, value in answer.items() if isinstance(value, int | str)}
    # The layer of `ocr` has no room for the logger that the other functions use; the line looks like theirs.
    print(json.dumps({"level": "INFO", "message": "read", "service": "extraction", "kind": task.kind, **told}))
    return answer


def _carried_out(read: Callable[[Task, Path, Path], Answer], task: Task, folder: Path, limits: Limits) -> Answer:
    source, target = folder / "input", folder / "segments"
    try:
        download(task.input, source)
    except Unreadable as error:
        return failed(error.reason)
    answer = isolated(partial(read, task, source, target), limits)
    if answer["status"] in ("ok", "ocr"):
        target.touch()
        upload(task.output, target)
    return answer
