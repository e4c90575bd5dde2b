"""PPTX by python-pptx: a slide is a page."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from pptx import Presentation
from pptx.exc import PythonPptxError
from pptx.shapes.base import BaseShape
from pptx.shapes.graphfrm import GraphicFrame
from pptx.shapes.group import GroupShape
from pptx.slide import Slide

from functions.extraction.failures import Unreadable
from functions.extraction.readers import archives
from shared.segments import Segment

_DAMAGED = "The presentation is damaged, or not one. Save it again, or upload it again."


def read_pptx(path: Path) -> Iterator[Segment]:
    """A segment for each slide with its notes, under the slide's title."""
    archives.opened(path).close()
    try:
        presentation = Presentation(str(path))
    except (PythonPptxError, KeyError, ValueError) as error:
        raise Unreadable(_DAMAGED) from error
    for number, slide in enumerate(presentation.slides):
        title = slide.shapes.title
        name = " ".join(title.text_frame.text.split()) if title is not None else ""
        blocks = [*_texts(slide.shapes), _notes(slide)]
        text = "\n\n".join(block for block in blocks if block.strip())
        yield Segment(text, page=number, headings=(name,) if name else ())


def _texts(shapes: Iterable[BaseShape]) -> Iterator[str]:
    for shape in shapes:
        if isinstance(shape, GroupShape):
            yield from _texts(shape.shapes)
        elif isinstance(shape, GraphicFrame):
            if shape.has_table:
                rows = ([" ".join(cell.text.split()) for cell in row.cells] for row in shape.table.rows)
                yield "\n".join(" | ".join(row) for row in rows)
        elif shape.has_text_frame:
            yield shape.text_frame.text.replace("\v", "\n")  # type: ignore[attr-defined]


def _notes(slide: Slide) -> str:
    frame = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    return frame.text if frame is not None else ""
