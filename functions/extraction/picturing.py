"""The pictures on pages of a PDF as models take them: JPEG, in lines of JSON `{"page", "image"}` with base64."""

import base64
import hashlib
import json
from io import BytesIO
from pathlib import Path

from functions.extraction.isolation import Answer
from functions.extraction.readers import pdf
from functions.extraction.tasks import Task

LONGEST_SIDE, QUALITY = 1024, 80
"""Pixels: models that see make larger ones smaller."""


def collect(task: Task, path: Path, target: Path) -> Answer:
    """Writes the pictures of the task's pages to `target`, each once; the answer says how many."""
    seen: set[bytes] = set()
    with pdf.opened(path) as document, target.open("w", encoding="ascii") as lines:
        for number in task.pages:
            page = document[number]
            for each in pdf.pictures(page):
                image = each.convert("RGB")
                image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
                digest = hashlib.sha256(image.tobytes()).digest()
                if digest in seen:
                    continue
                seen.add(digest)
                packed = BytesIO()
                image.save(packed, "JPEG", quality=QUALITY)
                told = {"page": number, "image": base64.b64encode(packed.getvalue()).decode()}
                lines.write(json.dumps(told) + "\n")
            page.close()
    return {"status": "ok", "pictures": len(seen)}
