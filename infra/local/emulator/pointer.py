"""Packages that only say where they lie unpacked: what the build uploads for this machine, and the emulator links."""

import io
import zipfile
from pathlib import Path

POINTER = "unpacked-at"
"""The one file in such a package: the path of the folder."""

_ANY_TIME = (1980, 1, 1, 0, 0, 0)


def pointing_at(folder: Path) -> bytes:
    """A package that lies in this folder; the same for the same folder."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(zipfile.ZipInfo(POINTER, _ANY_TIME), str(folder))
    return made.getvalue()


def pointed_at(archive: zipfile.ZipFile) -> Path | None:
    """The folder in which a package lies; None when it has its content itself."""
    return Path(archive.read(POINTER).decode()) if archive.namelist() == [POINTER] else None
