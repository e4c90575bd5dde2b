"""Which reader a file of a kind has."""

from collections.abc import Callable, Iterator
from pathlib import Path

from shared.segments import Segment

Reader = Callable[[Path], Iterator[Segment]]

NO_TEXT = "There is no text in the file."


def reader(kind: str) -> Reader:
    """The reader of a kind, whose library is imported by then. What is unknown was found to be text."""
    match kind:
        case "docx":
            from functions.extraction.readers.word import read_docx as read
        case "pptx":
            from functions.extraction.readers.slides import read_pptx as read
        case "xlsx" | "ods":
            from functions.extraction.readers.sheets import read_spreadsheet as read
        case "odt" | "odp":
            from functions.extraction.readers.opendocument import read_opendocument as read
        case "epub":
            from functions.extraction.readers.books import read_epub as read
        case "html":
            from functions.extraction.readers.markup import read_html as read
        case "markdown":
            from functions.extraction.readers.plain import read_markdown as read
        case "csv":
            from functions.extraction.readers.tables import read_csv as read
        case "json":
            from functions.extraction.readers.data import read_json as read
        case "xml":
            from functions.extraction.readers.data import read_xml as read
        case "eml":
            from functions.extraction.readers.mail import read_eml as read
        case "msg":
            from functions.extraction.readers.mail import read_msg as read
        case "audio" | "video":
            from functions.extraction.readers.recordings import read_recording as read
        case _:
            from functions.extraction.readers.plain import read_text as read
    return read
