"""Small functions for tests of the emulator."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

ROLE = "arn:aws:iam::000000000000:role/any"


def zipped(files: dict[str, str]) -> bytes:
    """A zip of these files."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as content:
        for name, text in files.items():
            content.writestr(name, text)
    return archive.getvalue()


def create(client: Any, name: str, source: str, layers: tuple[str, ...] = ()) -> None:
    """A Python function whose module is ``source``, with a ``handler`` in it."""
    client.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Handler="index.handler",
        Role=ROLE,
        Timeout=30,
        Code={"ZipFile": zipped({"index.py": source})},
        Layers=list(layers),
    )


def call(client: Any, name: str) -> Any:
    """What the function returns."""
    return json.loads(client.invoke(FunctionName=name, Payload=b"{}")["Payload"].read())
