"""PDF by pdfium, page by page; what has no text is left to the reading of images."""

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium
from PIL.Image import Image

from functions.extraction.failures import Unreadable
from functions.extraction.readers.images import MOST_PIXELS
from shared.segments import Segment

_PROTECTED = "The PDF is protected by a password. Save it without one."
_DAMAGED = "The PDF is damaged or not complete. Save it again, or upload it again."
_TOO_MANY = "The PDF says that it has more than 20,000 pages. Split it."
MOST_PAGES = 20_000
_SCAN_TEXT = 200
"""A page with fewer characters may be a scan with a stamp or a page number on it."""
_SCAN_SHARE = 0.5
_SMALLEST_IMAGE = 40  # points: what is smaller is an ornament
MOST_ON_PAGE = 20
MOST_WITH_IMAGES = 200
"""Pages of a document whose images are read beside their text: it takes seconds for each."""
_HYPHEN = re.compile(r"[\ufffe\x02][\r\n]*")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def opened(path: Path) -> pypdfium2.PdfDocument:
    """The document, to be closed by the caller; raises `Unreadable`."""
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        raise Unreadable(_PROTECTED if "assword" in str(error) else _DAMAGED) from error
    if not len(document):
        raise Unreadable(_DAMAGED)
    if len(document) > MOST_PAGES:
        raise Unreadable(_TOO_MANY)
    return document


def read(
    document: pypdfium2.PdfDocument, first: int, last: int, to_ocr: list[int], pictured: list[int] | None = None
) -> Iterator[Segment]:
    """The text of pages from `first` to `last`; the pages that OCR has to read are added to `to_ocr`.

    To `pictured` (may be the same list; None: nobody asks) those that have text and images, whose images are read
    then; of a document as many as `MOST_WITH_IMAGES`, of a range its share of them.
    """
    headings = _headings(document)
    with_images = -(-MOST_WITH_IMAGES * (last - first + 1) // len(document))
    for number in range(first, last + 1):
        try:
            page = document[number]
        except pypdfium2.PdfiumError:
            continue  # one broken page does not take the others along
        try:
            text = text_of(page)
            if is_scan(page, text):
                to_ocr.append(number)
                continue
            if pictured is not None and with_images and any(image_objects(page)):
                pictured.append(number)
                with_images -= 1
            yield Segment(text, page=number, headings=_path_at(headings, number))
        finally:
            page.close()


def text_of(page: pypdfium2.PdfPage) -> str:
    """A page's text layer, with words that were hyphenated at the end of a line made whole."""
    layer = page.get_textpage()
    try:
        text = layer.get_text_range()
    finally:
        layer.close()
    text = _HYPHEN.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("", text).strip()


def is_scan(page: pypdfium2.PdfPage, text: str) -> bool:
    """Whether the page shows what its text layer does not have."""
    if len(text) >= _SCAN_TEXT:
        return False
    if not text:
        return next(page.get_objects(max_depth=1), None) is not None
    width, height = page.get_size()
    return any(_area(image) > _SCAN_SHARE * width * height for image in image_objects(page))


def image_objects(page: pypdfium2.PdfPage) -> Iterator[pypdfium2.PdfObject]:
    """The images on a page that are large enough to show text."""
    for image in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        left, bottom, right, top = image.get_bounds()
        if min(right - left, top - bottom) >= _SMALLEST_IMAGE:
            yield image


def pictures(page: pypdfium2.PdfPage) -> Iterator[Image]:
    """The first images on a page, decoded; those that are broken or huge are passed over."""
    for image in islice(image_objects(page), MOST_ON_PAGE):
        width, height = image.get_px_size()
        if width * height > MOST_PIXELS:
            continue
        try:
            yield image.get_bitmap(render=False).to_pil()
        except (pypdfium2.PdfiumError, RuntimeError, ValueError):
            continue


def _area(image: pypdfium2.PdfObject) -> float:
    left, bottom, right, top = image.get_bounds()
    return float((right - left) * (top - bottom))


def _headings(document: pypdfium2.PdfDocument) -> list[tuple[int, tuple[str, ...]]]:
    """The outline as `(page, path of headings)`, by page."""
    found: list[tuple[int, tuple[str, ...]]] = []
    path: list[str] = []
    for entry in document.get_toc(max_depth=6):
        path = [*path[: entry.level], _CONTROLS.sub("", entry.get_title()).strip()]
        target = entry.get_dest()
        page = target.get_index() if target else None
        if page is not None:
            found.append((page, tuple(title for title in path if title)))
    return sorted(found, key=lambda each: each[0])


def _path_at(headings: list[tuple[int, tuple[str, ...]]], page: int) -> tuple[str, ...]:
    """The first heading on the page, otherwise the last one before it."""
    path: tuple[str, ...] = ()
    for at, heading in headings:
        if at > page:
            break
        if at == page:
            return heading
        path = heading
    return path
