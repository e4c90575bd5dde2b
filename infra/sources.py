"""What something was made from: a digest that tells whether it has to be made again."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def sources_digest(
    folders: Iterable[str], files: Iterable[str] = (), *, left_out: Iterable[str] = (), more: str = ""
) -> str:
    """A hash of the named files and of all files below the named folders, less those in folders called ``left_out``."""
    skipped = {"__pycache__", *left_out}
    total = hashlib.sha256(more.encode())
    for path in (
        *(found for name in folders for found in _below(ROOT / name, skipped)),
        *(ROOT / name for name in files),
    ):
        if path.is_file():
            total.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def _below(folder: Path, skipped: set[str]) -> Iterator[Path]:
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.is_dir():
            if path.name not in skipped:
                yield from _below(path, skipped)
        else:
            yield path
