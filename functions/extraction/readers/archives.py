"""Documents that are ZIP archives: opened only when their table of contents is plausible. Nothing is ever unpacked."""

from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile

from functions.extraction.failures import Unreadable

MOST_UNPACKED = 500 * 1024**2
MOST_ENTRIES = 20_000
_DAMAGED = "The file is damaged: it cannot be opened. Save it again, or upload it again."
_BOMB = "The file would unpack to more than 500 MB. It looks made to do harm; otherwise split it."
_TRICK = "The file names parts outside of itself, as documents never do. It looks made to do harm."
_ENCRYPTED = "The file is protected by a password. Save it without one."


def opened(path: Path) -> ZipFile:
    """The archive, to be closed by the caller; raises `Unreadable`."""
    try:
        archive = ZipFile(path)
    except (BadZipFile, ValueError, OSError) as error:
        raise Unreadable(_DAMAGED) from error
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise Unreadable(_BOMB)
    for entry in entries:
        name = PurePosixPath(entry.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts:
            raise Unreadable(_TRICK)
        if entry.flag_bits & 1:
            raise Unreadable(_ENCRYPTED)
    return archive


def part(archive: ZipFile, name: str) -> bytes:
    """A part of a document; raises `Unreadable` when it is missing or damaged."""
    try:
        return archive.read(name)
    except (KeyError, BadZipFile, NotImplementedError, EOFError) as error:
        raise Unreadable(_DAMAGED) from error
