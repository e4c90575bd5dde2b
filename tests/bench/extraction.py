"""Reading and splitting files, without the stack: seconds of the processor, and what a step takes in memory."""

import resource
import tempfile
import time
from functools import partial
from io import BytesIO
from pathlib import Path
from random import Random
from typing import get_args

from functions.extraction.extracting import extract, prepare
from functions.extraction.isolation import Limits, isolated
from functions.extraction.recognising import prepare as prepare_ocr
from functions.extraction.recognising import recognise
from functions.extraction.tasks import Task
from shared.segments import Segment, read_segments
from shared.splitting import SplitSettings, chunks
from shared.splitting.cutting import Splitter
from tests.bench.report import Figure
from tests.support import documents

FEW, MANY = 100, 1000
LONGEST_RATIO = 1.2
MOST_MEMORY = 1000
WORDS = [
    "harbour",
    "ledger",
    "orchard",
    "signal",
    "velvet",
    "copper",
    "lantern",
    "meadow",
    "quarry",
    "timber",
    "window",
    "anchor",
]
_LIMITS = Limits(2500, 500)


def extraction() -> list[Figure]:
    """PDFs of 100 and of 1,000 pages (12 MB), in steps as the pipeline has them, then OCR and the splitters."""
    with tempfile.TemporaryDirectory(prefix="cirrus-extraction-") as name:
        folder = Path(name)
        prepare("pdf")
        few, many = (_read(folder, pages) for pages in (FEW, MANY))
        per_page = [seconds / pages for (seconds, _), pages in ((few, FEW), (many, MANY))]
        memory = max(few[1], many[1])
        figures = [
            Figure(f"PDF of {FEW} pages", f"{1 / per_page[0]:.0f} pages/s"),
            Figure(
                f"PDF of {MANY} pages, 12 MB", f"{1 / per_page[1]:.0f} pages/s", "", per_page[1] / per_page[0],
                f"≤ {LONGEST_RATIO} ×", per_page[1] / per_page[0] <= LONGEST_RATIO,
            ),
            Figure("memory of a step", f"{memory} MB", "", None, f"≤ {MOST_MEMORY} MB", memory <= MOST_MEMORY),
            _ocr(folder),
        ]  # fmt: skip
        segments = list(read_segments((folder / "segments").read_bytes().splitlines()))
        return [*figures, *(_split(segments, splitter) for splitter in get_args(Splitter))]


def _read(folder: Path, pages: int) -> tuple[float, int]:
    """Seconds of the processor over all steps, and the most MB of one."""
    path, target = folder / "input", folder / "segments"
    path.write_bytes(_pdf(pages))
    asked = isolated(partial(extract, Task("", "", "pdf"), path, target), _LIMITS)
    ranges = asked["ranges"] if asked["status"] == "ranges" else [[0, pages - 1]]
    started, memory = _processor(), 0
    for first, last in ranges:
        step = partial(extract, Task("", "", "pdf", first=first, last=last), path, target)
        memory = max(memory, isolated(step, _LIMITS)["memory"])
    return _processor() - started, memory


def _ocr(folder: Path) -> Figure:
    path = folder / "scan"
    text = "\n".join(" ".join(Random(line).choices(WORDS, k=5)) for line in range(25))
    path.write_bytes(documents.pdf_of_images([documents.picture(text, size=(1240, 1400))] * 2))
    prepare_ocr()
    started = _processor()
    answer = isolated(partial(recognise, Task("", "", pages=(0, 1)), path, folder / "read"), _LIMITS)
    met = answer["memory"] <= MOST_MEMORY
    told = f"{(_processor() - started) / 2:.1f} s/page, {answer['memory']} MB"
    return Figure("OCR of a page with 125 words", told, "", None, f"≤ {MOST_MEMORY} MB", met)


def _split(segments: list[Segment], splitter: Splitter) -> Figure:
    size = 250 if splitter == "token" else 1000
    characters = sum(len(segment.text) for segment in segments)
    started = time.process_time()
    count = sum(1 for _ in chunks(segments, SplitSettings(splitter, size, size // 10)))
    seconds = time.process_time() - started
    return Figure(f"splitter {splitter}", f"{characters / seconds / 1e6:.1f} MB/s", f"{count} chunks")


def _processor() -> float:
    """Seconds that children have had of a processor: other work on the machine does not count."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _pdf(pages: int) -> bytes:
    """Pages of 3,000 characters and a picture of 10 KB each."""
    from fpdf import FPDF
    from PIL import Image

    random = Random(pages)
    document = FPDF()
    document.set_font("helvetica", size=10)
    for _ in range(pages):
        document.add_page()
        document.multi_cell(0, 5, " ".join(random.choices(WORDS, k=420)))
        buffer = BytesIO()
        Image.frombytes("L", (100, 100), random.randbytes(10_000)).save(buffer, "JPEG", quality=92)
        document.image(buffer, w=30)
    return bytes(document.output())
