"""Models that run in this stage, in the function `embedder`: embedding and reranking by ONNX.

A model is named as on the hub. On its first use it is fetched into the stage's bucket, in the background: until it is
there, using it raises `Fetching`, which says how far it is.
"""

import base64
import hashlib
import json
import os
import re
import struct
import tempfile
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from shared.clock import now
from shared.errors import Invalid
from shared.llm.errors import ProviderError, Trouble
from shared.settings import settings
from shared.storage import objects
from shared.storage.aws import lambda_client
from shared.storage.tables import Item, TableMeta

Status = Literal["fetching", "ready", "failed"]

SILENT_SECONDS = 60
"""A fetching that has not told its progress for this long has died."""
RETRY_SECONDS = 600
"""How soon what has failed is tried again."""


_here: set[str] = set()
"""Models that are known to be in the bucket, so that nobody has to look again."""
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(/[A-Za-z0-9][\w.-]{0,95})?")


class Fetching(ProviderError):
    """The model is on its way from the hub."""


class LocalModelItem(Item):
    """LOCALMODEL/<name>: how far the fetching of a model is. `progress` in percent, `told_at` in seconds."""

    class Meta(metaclass=TableMeta):
        setting = "platform_table"

    status = UnicodeAttribute()
    progress = NumberAttribute(default=0)
    detail = UnicodeAttribute(default="")
    told_at = NumberAttribute(default=0)

    @property
    def is_running(self) -> bool:
        """Whether somebody is fetching it now."""
        return self.status == "fetching" and now() - self.told_at < SILENT_SECONDS


def checked_name(model: str) -> str:
    """The name of a model, as hubs have them; raises `Invalid`."""
    if not _NAME.fullmatch(model):
        raise Invalid("Name the model as it is named on the hub, such as sentence-transformers/all-MiniLM-L6-v2.")
    return model


def folder(model: str) -> str:
    """Where a model's files are in the bucket; `manifest.json` lists them once they are all there.

    Not below `models/`, which the bucket's rules empty after three days.
    """
    return f"local-models/{model}/"


def state(model: str) -> LocalModelItem | None:
    """How far the fetching of a model is; None when nobody has asked for it yet."""
    try:
        return LocalModelItem.get("LOCALMODEL", model, consistent_read=True)
    except LocalModelItem.DoesNotExist:
        return None


def embed(model: str, texts: Sequence[str]) -> list[list[float]]:
    """Vectors of length 1 for texts; raises `Fetching` or `ProviderError`."""
    answer = _asked(model, {"task": "embed", "model": model, "texts": list(texts)})
    size, raw = int(answer["dimension"]), base64.b64decode(answer["vectors"])
    return [list(struct.unpack_from(f"<{size}f", raw, 4 * size * index)) for index in range(len(texts))]


def rank(model: str, query: str, texts: Sequence[str]) -> list[float]:
    """How well each text answers the query, from 0 to 1; raises `Fetching` or `ProviderError`."""
    answer = _asked(model, {"task": "rank", "model": model, "query": query, "texts": list(texts)})
    return [float(score) for score in answer["scores"]]


@lru_cache(maxsize=4)
def tokenizer(model: str) -> str:
    """The path of a copy of the model's `tokenizer.json`; empty while the model is not in the bucket."""
    known = state(model)
    if known is None or known.status != "ready":
        tokenizer.cache_clear()  # it may come
        return ""
    path = Path(tempfile.gettempdir(), f"{hashlib.sha256(model.encode()).hexdigest()[:16]}-{os.getpid()}.json")
    path.write_bytes(objects.get(f"{folder(model)}tokenizer.json"))
    return str(path)


def begin_fetching(model: str) -> None:
    """Has a model fetched from the hub in the background, unless somebody is at it or it failed a moment ago."""
    known = state(model)
    if known and (known.is_running or (known.status == "failed" and now() - known.told_at < RETRY_SECONDS)):
        return
    lambda_client().invoke(
        FunctionName=settings().require("embedder_function"),
        InvocationType="Event",
        Payload=json.dumps({"task": "fetch", "model": model}),
    )


def _asked(model: str, event: dict[str, Any]) -> dict[str, Any]:
    if model not in _here:
        known = state(model)
        if known is None or known.status != "ready":
            begin_fetching(model)
            raise _missing(model)
        _here.add(model)
    answer = lambda_client(patient=True).invoke(
        FunctionName=settings().require("embedder_function"), Payload=json.dumps(event)
    )
    result = json.loads(answer["Payload"].read() or b"{}")
    if answer.get("FunctionError") or not isinstance(result, dict):
        raise ProviderError(Trouble.OTHER, f"The local model {model} has failed. Try again, or choose another one.")
    if result.get("status") == "missing":
        _here.discard(model)
        begin_fetching(model)
        raise _missing(model)
    if "error" in result:
        raise ProviderError(Trouble.REQUEST, str(result["error"]))
    return result


def _missing(model: str) -> ProviderError:
    known = state(model)
    if known and known.status == "failed":
        return ProviderError(Trouble.UNREACHABLE, known.detail)
    progress = int(known.progress) if known else 0
    return Fetching(Trouble.UNREACHABLE, f"The model {model} is being fetched from the hub ({progress}%).")
