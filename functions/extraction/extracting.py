"""Reads one file, whatever it is, into segments."""

from pathlib import Path

from functions.extraction import output, picturing
from functions.extraction.failures import Unreadable
from functions.extraction.isolation import Answer
from functions.extraction.readers import containers, images, pdf
from functions.extraction.reading import NO_TEXT, reader
from functions.extraction.tasks import Task

EMPTY = "The file is empty. Choose another one."


def extract(task: Task, path: Path, target: Path) -> Answer:
    """Writes the segments of the file to `target`; the answer says how many, or what else has to be done."""
    if not path.stat().st_size:
        raise Unreadable(EMPTY)
    kind = containers.settle(task.kind, path)
    if task.pages:
        return picturing.collect(task, path, target)
    if kind == "pdf":
        return _extract_pdf(task, path, target)
    if kind == "image":
        return {"status": "ocr", "segments": 0, "characters": 0, "pages": list(range(images.frames(path)))}
    written = output.write(reader(kind)(path), target, task.options.characters)
    if not written.characters:
        raise Unreadable(NO_TEXT)
    return {"status": "ok", "segments": written.segments, "characters": written.characters}


def _extract_pdf(task: Task, path: Path, target: Path) -> Answer:
    with pdf.opened(path) as document:
        total, at_once = len(document), task.options.pages
        if task.first is None and total > at_once + at_once // 2:
            ranges = [[first, min(first + at_once, total) - 1] for first in range(0, total, at_once)]
            return {"status": "ranges", "ranges": ranges, "total": total}
        first, last = task.first or 0, min(total - 1 if task.last is None else task.last, total - 1)
        to_ocr: list[int] = []
        pictured: list[int] = [] if task.options.describe else to_ocr
        found = pdf.read(document, first, last, to_ocr, pictured if task.options.images else None)
        written = output.write(found, target, task.options.characters)
    answer: Answer = {"status": "ok", "segments": written.segments, "characters": written.characters}
    if task.options.describe and pictured:
        answer["pictures"] = pictured
    if to_ocr:
        return {**answer, "status": "ocr", "pages": to_ocr}
    if not written.characters and task.first is None:
        raise Unreadable(NO_TEXT)
    return answer


def prepare(kind: str) -> None:
    """Imports what reads this kind: once for the function, where each file would import it again."""
    if kind not in ("pdf", "image"):
        reader(kind)
