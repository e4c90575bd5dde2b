"""Layers on disk: one file per content, as MiniStack keeps the code of functions."""

from __future__ import annotations

import argparse
import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ministack.services import lambda_svc

_REFERENCE = "cirrus_layer_blob"
_CONTENT = "_zip_data"


def keep_layers_as_files(_: argparse.Namespace) -> None:
    """Write a layer's zip once, beside ``lambda.json``; MiniStack puts all of them into it, in base64, at each save."""
    folder = Path(lambda_svc.CODE_BLOB_DIR).with_name("layer-blobs")
    get_state, restore_state = lambda_svc.get_state, lambda_svc._restore_state

    def get_state_with_references() -> dict[str, Any]:
        state: dict[str, Any] = get_state()
        folder.mkdir(parents=True, exist_ok=True)
        used = set()
        for version in _versions(state["layers"]):
            if isinstance(version.get(_CONTENT), bytes):
                name = base64.b64decode(version["Content"]["CodeSha256"]).hex()
                used.add(f"{name}.zip")
                file = folder / f"{name}.zip"
                if not file.exists():
                    partial = file.with_suffix(".partial")
                    partial.write_bytes(version[_CONTENT])
                    partial.replace(file)
                version[_CONTENT] = {_REFERENCE: name}
        for file in folder.iterdir():
            if file.name not in used:
                file.unlink()
        return state

    def restore_state_with_references(state: dict[str, Any] | None) -> None:
        contents: dict[str, bytes] = {}
        for version in _versions((state or {}).get("layers")):
            reference = version.get(_CONTENT)
            if isinstance(reference, dict) and _REFERENCE in reference:
                name = reference[_REFERENCE]
                if name not in contents:
                    contents[name] = (folder / f"{name}.zip").read_bytes()
                version[_CONTENT] = contents[name]
        restore_state(state)

    lambda_svc.get_state = get_state_with_references
    lambda_svc._restore_state = restore_state_with_references


def _versions(layers: Any) -> Iterator[dict[str, Any]]:
    for layer in layers._data.values() if layers else ():
        yield from layer["versions"]
