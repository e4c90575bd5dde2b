"""What the tasks come to, with the models that this process has loaded."""

import base64
import json
import os
import tempfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from functions.embedder.encoder import Encoder, Unsuitable
from shared.retrieval.local_models import folder
from shared.storage import objects

KEPT = 2  # a model that embeds and one that ranks
_loaded: OrderedDict[str, Encoder] = OrderedDict()


def embed(model: str, texts: list[str]) -> dict[str, Any]:
    """The vectors of texts."""
    encoder = _encoder(model)
    if encoder is None:
        return {"status": "missing"}
    vectors = encoder.embed(texts)
    return {"dimension": vectors.shape[1], "vectors": base64.b64encode(vectors.astype("<f4").tobytes()).decode()}


def rank(model: str, query: str, texts: list[str]) -> dict[str, Any]:
    """How well texts answer a query."""
    encoder = _encoder(model)
    if encoder is None:
        return {"status": "missing"}
    try:
        return {"scores": encoder.rank(query, texts)}
    except Unsuitable as error:
        return {"error": f"The model {model} cannot be used here: {error}"}


def _encoder(model: str) -> Encoder | None:
    """The model, loaded; None when it is not in the bucket."""
    if model in _loaded:
        _loaded.move_to_end(model)
        return _loaded[model]
    place = _copied(model)
    if place is None:
        return None
    while len(_loaded) >= KEPT:
        _loaded.popitem(last=False)
    _loaded[model] = Encoder(place)
    return _loaded[model]


def _copied(model: str) -> Path | None:
    """The folder with the model's files, copied from the bucket when this machine has none yet."""
    place = Path(tempfile.gettempdir(), "models", model.replace("/", "--"))
    if (place / "manifest.json").is_file():
        return place
    try:
        manifest = objects.get(f"{folder(model)}manifest.json")
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("NoSuchKey", "404"):
            raise
        return None
    for path in json.loads(manifest):
        target = place / path
        target.parent.mkdir(parents=True, exist_ok=True)
        # Moved there whole: on one's own machine several processes share the disk.
        part = target.with_name(f"{target.name}.{os.getpid()}")
        with part.open("wb") as file:
            for piece in objects.stream(f"{folder(model)}{path}"):
                file.write(piece)
        part.replace(target)
    (place / "manifest.json").write_bytes(manifest)
    return place
