"""How the functions `extract` and `ocr` are asked: they may do nothing but what the URLs in their events allow."""

from typing import Any

from shared.storage import objects

URL_SECONDS = 6 * 3600


def event_for(
    task: str, kind: str, source: str, output: str, *, seconds: int = URL_SECONDS, **more: Any
) -> dict[str, Any]:
    """The event that has the object `source`, a file of this kind, read into the object `output` (keys).

    `seconds`: how long the URLs hold. `more` as `functions.extraction.tasks` has it: `name`, `range`, `pages`,
    `options`.
    """
    return {
        "task": task,
        "input": objects.presigned_inside("get_object", source, seconds),
        "output": objects.presigned_inside("put_object", output, seconds),
        "kind": kind,
        **more,
    }
