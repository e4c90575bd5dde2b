"""What happens to a request at the edge: the rules of CloudFront's viewer function and of its local stand-in.

The stand-in imports them; `viewer_function` renders them as CloudFront JavaScript (`edge_function.js`). A test runs
both over one table of cases.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from infra.routes import API_ROOTS, SOCKET_PATH, SOCKET_STAGE, is_api_path

ROOT_MARK = "_root"
"""API Gateway has no resource that ends in `/`; the functions take this off again (`shared.web.TrailingSlash`)."""

BODY_LIMIT = 4 * 1024 * 1024
"""In bytes: Lambda takes 6 MB, of which base64 costs a third."""

TOO_LARGE = "The request is over 4 MB. Upload large files on their own, and save messages one by one."
SOCKET_ONLY = "Only the WebSocket transport is supported here: connect with transports: ['websocket']."

ORIGIN_VERIFY, VIEWER_HOST, VIEWER_PROTO, VIEWER_ADDRESS = (
    "x-origin-verify",
    "x-viewer-host",
    "x-viewer-proto",
    "x-viewer-address",
)


@dataclass(frozen=True)
class Forward:
    """Goes on to one of the origins, under `path`."""

    target: Literal["api", "socket", "web"]
    path: str


@dataclass(frozen=True)
class Refuse:
    """Is answered at the edge, with `{"detail": …}`."""

    status: int
    detail: str


def decide(path: str, *, content_length: int = 0, transport: str = "") -> Forward | Refuse:
    """What to do with a request for `path` (as it stands in the request line, without the query).

    `content_length` is in bytes, 0 when the request does not say; `transport` is the query's parameter of that name.
    """
    if path == SOCKET_PATH or path.startswith(f"{SOCKET_PATH}/"):
        return Forward("socket", f"/{SOCKET_STAGE}") if transport == "websocket" else Refuse(400, SOCKET_ONLY)
    if is_api_path(path):
        if content_length > BODY_LIMIT:
            return Refuse(413, TOO_LARGE)
        return Forward("api", f"{path}{ROOT_MARK}" if path.endswith("/") else path)
    is_file = "." in path.rsplit("/", 1)[-1]
    return Forward("web", path if is_file else "/index.html")


def viewer_headers(host: str, proto: str, address: str) -> dict[str, str]:
    """The headers that tell a function about the viewer; they replace whatever the client sent under these names."""
    return {VIEWER_HOST: host, VIEWER_PROTO: proto, VIEWER_ADDRESS: address}


def viewer_function() -> str:
    """The source of CloudFront's viewer-request function."""
    rules = {
        "apiRoots": API_ROOTS,
        "socketPath": SOCKET_PATH,
        "socketTarget": f"/{SOCKET_STAGE}",
        "rootMark": ROOT_MARK,
        "bodyLimit": BODY_LIMIT,
        "tooLarge": TOO_LARGE,
        "socketOnly": SOCKET_ONLY,
        "verify": ORIGIN_VERIFY,
        "host": VIEWER_HOST,
        "proto": VIEWER_PROTO,
        "address": VIEWER_ADDRESS,
    }
    source = Path(__file__).with_name("edge_function.js").read_text()
    return source.replace("/* RULES */ {}", json.dumps(rules, separators=(",", ":")))
