"""Files that a service of the admin's choice reads in place of the functions extract and ocr.

That needs the network and secrets, which those functions do not have; the service opens the file, nothing here does.
"""

import random
import time
from typing import Any

from shared.logs import logger
from shared.retrieval.settings import retrieval_settings
from shared.storage import objects

SECONDS = 780.0
"""How long a file may take: the function has 15 minutes."""
TRIES, LONGEST_PAUSE = 3, 20.0
CHANGED = "The service that was to read the file has been switched off meanwhile. Try again."


def is_for(kind: str) -> bool:
    """Whether a service reads files of this kind."""
    section = retrieval_settings()
    if not section.content_extraction_engine:
        return False
    from shared.extraction_engines import engine_for

    return engine_for(section, kind) is not None


def carry_out(event: dict[str, Any]) -> dict[str, Any]:
    """Has the file at `source` read, and puts its segments at `output`; answers as the function extract does.

    What may pass is tried again here, so that a person reads in the end what the service said.
    """
    from shared.extraction_engines import Document, EngineTrouble, engine_for, read

    engine = engine_for(retrieval_settings(), event["kind"])
    if engine is None:
        return _failed(CHANGED)
    document = Document(event["name"], objects.get(event["source"]), event["content_type"], event["kind"])
    until = time.monotonic() + SECONDS
    for attempt in range(1, TRIES + 1):
        try:
            found = read(engine, document, until - time.monotonic())
        except EngineTrouble as error:
            logger().warning("engine failed", extra={"reason": error.detail, "attempt": attempt})
            if not error.transient or attempt == TRIES:
                return _failed(error.detail)
            time.sleep(random.uniform(0.25, 1) * min(LONGEST_PAUSE, 4.0**attempt))  # noqa: S311
        else:
            break
    segments = [segment for segment in found if segment.text.strip()]
    lines = "".join(segment.line for segment in segments)
    objects.put(event["output"], lines.encode(errors="replace"), "application/jsonl")
    return {"status": "ok", "segments": len(segments), "characters": sum(len(segment.text) for segment in segments)}


def _failed(reason: str) -> dict[str, Any]:
    return {"status": "failed", "reason": reason}
