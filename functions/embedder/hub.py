"""Files of a model on a hub with Hugging Face's API (https://huggingface.co/docs/hub/api), with their checksums."""

import hashlib
import platform
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2

from shared.errors import Invalid, Upstream
from shared.guarded import GuardedTransport, admins
from shared.settings import settings

SMALL = ("tokenizer.json", "tokenizer_config.json", "config.json", "1_Pooling/config.json", "sentence_bert_config.json")
LARGEST = 1500 * 1024 * 1024
_TIMEOUT = httpx2.Timeout(60, connect=5)
_ARM = ("onnx/model_qint8_arm64.onnx",)
_X86 = ("onnx/model_quint8_avx2.onnx", "onnx/model_qint8_avx512.onnx")
# The small ones first: a quarter of the size, twice as fast, and as good within a hundredth.
_ANY = ("onnx/model_quantized.onnx", "onnx/model_int8.onnx", "onnx/model_uint8.onnx", "model_quantized.onnx")
_WHOLE = ("onnx/model_fp16.onnx", "onnx/model.onnx", "model.onnx")


@dataclass(frozen=True)
class HubFile:
    """A file of a model: `checksum` is SHA-256, or git's SHA-1 of a blob where the hub has no other."""

    path: str
    size: int
    checksum: str

    def digest(self) -> Any:
        """What its bytes are fed to, to come to the checksum."""
        if len(self.checksum) == 64:
            return hashlib.sha256()
        return hashlib.sha1(f"blob {self.size}\0".encode(), usedforsecurity=False)


async def files_of(client: httpx2.AsyncClient, model: str) -> list[HubFile]:
    """The files that are needed of a model; raises `Invalid` when it cannot run here, `Upstream` without an answer."""
    url = f"{settings().model_hub}/api/models/{model}/tree/main"
    try:
        answer = await client.get(url, params={"recursive": "true"})
    except httpx2.HTTPError as error:
        raise _away() from error
    if answer.status_code in (401, 403, 404):
        raise Invalid(f"The hub has no model {model} that everybody may read. Check its name under Documents.")
    if answer.is_error:
        raise _away()
    return chosen(model, _listed(answer.json()))


def chosen(model: str, listed: Iterable[HubFile], machine: str = "") -> list[HubFile]:
    """The tokenizer, the settings, and of the ONNX files the one that suits this machine; raises `Invalid`."""
    there = {file.path: file for file in listed}
    arm = (machine or platform.machine()).lower() in ("aarch64", "arm64")
    onnx = next((path for path in (*(_ARM if arm else _X86), *_ANY, *_WHOLE) if path in there), None)
    if onnx is None or "tokenizer.json" not in there:
        raise Invalid(
            f"The model {model} has no ONNX file or no tokenizer.json on the hub, so it cannot run here. "
            "Choose another one, such as sentence-transformers/all-MiniLM-L6-v2."
        )
    wanted = [onnx, f"{onnx}_data", *SMALL]
    found = [there[path] for path in wanted if path in there]
    if sum(file.size for file in found) > LARGEST:
        raise Invalid(f"The model {model} is over {LARGEST >> 20} MB, which is too large to run here.")
    return found


def hub_client() -> httpx2.AsyncClient:
    """A client for the hub and for where it leads."""
    return httpx2.AsyncClient(transport=GuardedTransport(admins), timeout=_TIMEOUT, follow_redirects=True)


@asynccontextmanager
async def content(client: httpx2.AsyncClient, model: str, file: HubFile) -> AsyncIterator[AsyncIterator[bytes]]:
    """The bytes of a file, piece by piece; raises `Upstream`."""
    url = f"{settings().model_hub}/{model}/resolve/main/{file.path}"
    try:
        async with client.stream("GET", url) as answer:
            if answer.is_error:
                raise _away()
            yield answer.aiter_bytes(1024 * 1024)
    except httpx2.HTTPError as error:
        raise _away() from error


def _listed(entries: Any) -> list[HubFile]:
    files = []
    for entry in entries if isinstance(entries, list) else []:
        if entry.get("type") == "file":
            stored = entry.get("lfs") or {}
            checksum = str(stored.get("oid") or entry.get("oid") or "").removeprefix("sha256:")
            files.append(HubFile(str(entry["path"]), int(stored.get("size") or entry.get("size") or 0), checksum))
    return files


def _away() -> Upstream:
    host = settings().model_hub.partition("://")[2]
    return Upstream(f"The hub of models at {host} cannot be reached. Choose an embedding service, or try again later.")
