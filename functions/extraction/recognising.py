"""Reads images: pages of a PDF that have no text, images on pages that have, and files that are images."""

import hashlib
import os
import time
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from functions.extraction import output
from functions.extraction.isolation import Answer
from functions.extraction.readers import images
from functions.extraction.tasks import Task
from shared.segments import IMAGE, Segment

if TYPE_CHECKING:
    from PIL.Image import Image
    from rapidocr import RapidOCR

_DOTS_PER_INCH = 200
_POINTS_PER_INCH = 72
_SURE = 0.5


def prepare() -> None:
    """Imports the libraries: once for the function, where each call would take two seconds for it."""
    import cv2  # noqa: F401
    import onnxruntime  # noqa: F401
    import rapidocr  # noqa: F401


def recognise(task: Task, path: Path, target: Path) -> Answer:
    """Writes what the pages show to `target`, a segment for each; the answer says how many, and what is left."""
    with path.open("rb") as file:
        is_pdf = b"%PDF-" in file.read(1024)
    left = list(task.pages)
    pages = _until(left, task.until)
    written = output.write((_pdf if is_pdf else _frames)(path, pages), target, task.options.characters)
    answer: Answer = {"status": "ok", "segments": written.segments, "characters": written.characters}
    return {**answer, "status": "ocr", "pages": left} if left else answer


def _until(left: list[int], until: float) -> Iterator[int]:
    """Pages one by one, taken off the list: at least one, more only while there is time."""
    while left:
        yield left.pop(0)
        if time.monotonic() > until:
            return


def _frames(path: Path, pages: Iterator[int]) -> Iterator[Segment]:
    several = images.frames(path) > 1
    for number in pages:
        yield Segment(read(images.frame(path, number)), page=number if several else None)


def _pdf(path: Path, pages: Iterator[int]) -> Iterator[Segment]:
    from functions.extraction.readers import pdf

    seen: set[bytes] = set()
    with pdf.opened(path) as document:
        for number in pages:
            page = document[number]
            if pdf.is_scan(page, pdf.text_of(page)):
                yield Segment(read(_rendered(page)), page=number)
            else:
                yield from (Segment(text, page=number) for text in _shown(pdf.pictures(page), seen))
            page.close()


def _shown(pictures: Iterable["Image"], seen: set[bytes]) -> Iterator[str]:
    """What the images beside a text show, marked as such; one that comes again, as a logo does, only once."""
    for each in pictures:
        image = images.shrunk(each.convert("RGB"))
        digest = hashlib.sha256(image.tobytes()).digest()
        if digest not in seen and (text := read(image)):
            yield IMAGE.format(text)
        seen.add(digest)


def _rendered(page: Any) -> "Image":
    """A page as an image of 200 dots per inch, or fewer where it is as large as a poster."""
    longest = max(page.get_size()) or 1
    scale = min(_DOTS_PER_INCH / _POINTS_PER_INCH, images.LONGEST_SIDE / longest)
    image: Image = page.render(scale=scale).to_pil().convert("RGB")
    return image


def read(image: "Image") -> str:
    """The text that an image shows, line by line from the top."""
    import numpy

    found: Any = _engine()(numpy.asarray(image)[:, :, ::-1])  # rapidocr takes blue first
    if found.txts is None:
        return ""
    words = [
        (float(box[:, 1].mean()), float(box[:, 0].min()), float(numpy.ptp(box[:, 1])), text)
        for box, text, score in zip(found.boxes, found.txts, found.scores, strict=True)
        if score >= _SURE
    ]
    return "\n".join(_lines(words))


def _lines(words: list[tuple[float, float, float, str]]) -> Iterator[str]:
    """Lines out of what stands side by side: (middle, left, height, text) of each piece."""
    line: list[tuple[float, float, float, str]] = []
    for word in sorted(words):
        if line and word[0] - line[0][0] > max(line[0][2], word[2]) / 2:
            yield _joined(line)
            line = []
        line.append(word)
    if line:
        yield _joined(line)


def _joined(line: list[tuple[float, float, float, str]]) -> str:
    return " ".join(text for _, _, _, text in sorted(line, key=lambda word: word[1]))


@cache
def _engine() -> "RapidOCR":
    """The models that come with the library: Chinese, Japanese and what is written in Latin letters."""
    from rapidocr import RapidOCR

    threads = os.cpu_count() or 1
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            # Text is found in an image of this size, and read in the whole one: twice as fast, and as good.
            "Det.limit_type": "max",
            "Det.limit_side_len": 1280,
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
