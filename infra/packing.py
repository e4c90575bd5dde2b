"""The one file that is uploaded of a built layer or function."""

import os
import tempfile
import zipfile
from pathlib import Path

from infra.local.emulator.pointer import pointing_at

_PACKED_AT = (1980, 1, 1, 0, 0, 0)
_PACKING = 3
"""Of zlib's nine levels: the higher ones take twice as long and save a tenth."""


def packed(folder: Path) -> Path:
    """The one file that is uploaded of an asset; the CDK would copy and pack its thousands of files at each synth."""
    target = folder.with_name(f"{folder.name}.zip")
    if target.is_file():
        os.utime(target)
        return target
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as temporary:
        made = Path(temporary, "asset.zip")
        with zipfile.ZipFile(made, "w") as archive:
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                entry = zipfile.ZipInfo(str(path.relative_to(folder)), _PACKED_AT)
                entry.external_attr = path.stat().st_mode << 16
                archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, _PACKING)
        made.replace(target)
    return target


def left_where_it_is(folder: Path) -> Path:
    """What is uploaded to this machine's emulator, which needs no package: packing takes as long as all the rest."""
    target = folder.with_name(f"{folder.name}.local.zip")
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as temporary:
        made = Path(temporary, "asset.zip")
        made.write_bytes(pointing_at(folder))
        made.replace(target)
    return target
