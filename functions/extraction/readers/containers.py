"""What is inside a file whose first bytes only say in what it is packed."""

from pathlib import Path
from zipfile import BadZipFile, ZipFile

from functions.extraction.failures import Unreadable

_ENCRYPTED = "The document is protected by a password. Save it without one."
_OLD = "This is a {} document in the format of before 2007. Save it as {}, and upload that."
_ARCHIVE = "This is an archive. Unpack it, and upload the files in it."
_UNKNOWN = "This is a document of an old kind that cannot be read. Save it in a current format, or as PDF."
_RTF = "RTF cannot be read. Save it as DOCX or PDF, and upload that."
_MAIN_PARTS = (("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx"))
_MIMETYPES = {
    "application/epub+zip": "epub",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.presentation": "odp",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
}


def settle(kind: str, path: Path) -> str:
    """The kind of a file as it is inside; raises `Unreadable` where nothing in it is read."""
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(b"PK"):
        return _in_archive(path, kind)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        return _in_compound_file(path)
    if start.startswith(b"{\\rtf"):
        raise Unreadable(_RTF)
    return kind


def _in_archive(path: Path, kind: str) -> str:
    try:
        with ZipFile(path) as archive:
            names = archive.namelist()
            if "mimetype" in names:
                with archive.open("mimetype") as file:
                    mimetype = file.read(100).decode("ascii", "replace").strip().removesuffix("-template")
                return _MIMETYPES.get(mimetype, kind)
    except (BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return kind  # its reader says what is wrong with it
    for prefix, found in _MAIN_PARTS:
        if any(name.startswith(prefix) for name in names):
            return found
    raise Unreadable(_ARCHIVE)


def _in_compound_file(path: Path) -> str:
    import olefile

    with olefile.OleFileIO(str(path)) as compound:
        names = {entry[0] for entry in compound.listdir(streams=True)}
    if "EncryptedPackage" in names:
        raise Unreadable(_ENCRYPTED)
    if "__properties_version1.0" in names:
        return "msg"
    if names & {"Workbook", "Book"}:
        return "xlsx"
    if "WordDocument" in names:
        raise Unreadable(_OLD.format("Word", "DOCX"))
    if "PowerPoint Document" in names:
        raise Unreadable(_OLD.format("PowerPoint", "PPTX"))
    raise Unreadable(_UNKNOWN)
