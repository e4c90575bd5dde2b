"""Fetching a model: from the hub into the bucket, each file checked, with its progress in the platform table."""

import json
import time
from typing import Any

from functions.embedder import hub
from shared.clock import now
from shared.errors import DomainError, Upstream
from shared.logs import logger
from shared.retrieval.local_models import LocalModelItem, Status, folder, state
from shared.storage import objects
from shared.storage.tables import written
from shared.storage.uploads import Upload
from shared.waiting import result_of

TELL_SECONDS = 2.0


def fetch(model: str) -> dict[str, Any]:
    """Fetches a model, unless somebody is at it; whoever waits for it reads how it ends in the table."""
    if not _begun(model):
        return {"status": "fetching"}
    try:
        result_of(_fetched(model))
    except DomainError as error:
        _tell(model, "failed", detail=error.detail)
        return {"error": error.detail}
    except Exception:  # whatever it was, whoever waits for the model is told
        logger().exception("a model could not be fetched", extra={"model": model})
        _tell(model, "failed", detail=f"Fetching the model {model} has failed. Try again later.")
        raise
    _tell(model, "ready", progress=100)
    return {"status": "ready"}


async def _fetched(model: str) -> None:
    async with hub.hub_client() as client:
        files = await hub.files_of(client, model)
        whole, done, told = sum(file.size for file in files) or 1, 0, time.monotonic()
        for file in files:
            digest = file.digest()
            with Upload(folder(model) + file.path, "application/octet-stream") as upload:
                async with hub.content(client, model, file) as pieces:
                    async for piece in pieces:
                        digest.update(piece)
                        upload.write(piece)
                        done += len(piece)
                        if time.monotonic() - told > TELL_SECONDS:
                            told = time.monotonic()
                            _tell(model, "fetching", progress=min(99, done * 100 // whole))
                if digest.hexdigest() != file.checksum:
                    upload.abandon()
                    raise Upstream(f"The file {file.path} of {model} has arrived damaged (its checksum is wrong).")
    # What is listed here is whole: readers look for this first.
    objects.put(f"{folder(model)}manifest.json", json.dumps([file.path for file in files]).encode(), "application/json")


def _begun(model: str) -> bool:
    known = state(model)
    if known and known.is_running:
        return False
    item = LocalModelItem("LOCALMODEL", model, status="fetching", told_at=now())
    same = LocalModelItem.told_at == known.told_at if known else LocalModelItem.pk.does_not_exist()
    return written(item.save, same)


def _tell(model: str, status: Status, *, progress: int = 0, detail: str = "") -> None:
    LocalModelItem("LOCALMODEL", model, status=status, progress=progress, detail=detail, told_at=now()).save()
