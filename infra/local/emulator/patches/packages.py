"""Packages of functions and layers: linked into a worker's folder, where MiniStack unpacks them for every worker.

The build packs nothing for this machine: what it uploads only says where the unpacked package lies, so that neither
the emulator's memory nor its saved state holds hundreds of megabytes of layers.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import shutil
import threading
import types
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from infra.local.emulator.pointer import pointed_at, pointing_at


def link_packages(options: argparse.Namespace) -> None:
    """Have each package in a folder once per content, and link that into the folders of workers."""
    packages = Packages(options.state.resolve() / "packages")
    options.packages = packages
    resolve = lambda_svc._resolve_layer_zip

    def resolve_to_folder(attachment: Any) -> bytes | None:
        content: bytes | None = resolve(attachment)
        return content and pointing_at(packages.folder(content))

    class Linked(zipfile.ZipFile):
        """As the worker sees it: what it unpacks becomes a link to the folder that has it already."""

        def namelist(self) -> list[str]:
            return []  # the worker resolves each name to find ones that escape; extractall drops those parts itself

        def extractall(self, path: Any = None, members: Any = None, pwd: bytes | None = None) -> None:
            archive = Path(self.filename or "")
            folder = packages.folder(archive.read_bytes())
            Path(path).rmdir()
            Path(path).symlink_to(folder)
            archive.unlink()

    seen_by_workers = types.ModuleType("zipfile")
    seen_by_workers.__dict__.update(
        ZipFile=Linked,
        BadZipFile=zipfile.BadZipFile,
        LargeZipFile=zipfile.LargeZipFile,
        LargeFileError=zipfile.LargeZipFile,
    )
    lambda_runtime.zipfile = seen_by_workers
    lambda_svc._resolve_layer_zip = resolve_to_folder


class Packages:
    """Unpacked packages, each in a folder named by its content."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def folder(self, content: bytes) -> Path:
        """The folder with what a zip holds, or points at; raises FileNotFoundError when that is gone."""
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            elsewhere = pointed_at(archive)
            if elsewhere is not None and elsewhere.parent == self._root:
                return elsewhere
            name = hashlib.sha256(content).hexdigest()
            folder = self._root / name
            with self._locks[name]:
                if not folder.is_dir():
                    partial = folder.with_suffix(".partial")
                    shutil.rmtree(partial, ignore_errors=True)
                    partial.parent.mkdir(exist_ok=True)
                    if elsewhere is None:
                        archive.extractall(partial)
                    else:
                        # Not a link to the folder: the build deletes what it has not used for a day.
                        shutil.copytree(elsewhere, partial, copy_function=_link)
                    partial.rename(folder)
        return folder

    def forget_unused(self) -> None:
        """Delete the packages that no worker was started with since the emulator was."""
        for folder in self._root.glob("*"):
            if folder.stem not in self._locks:
                shutil.rmtree(folder, ignore_errors=True)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # on another disk
        shutil.copyfile(source, target)
