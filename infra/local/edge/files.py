"""The built web app, with the caching that CloudFront gives it."""

from __future__ import annotations

import mimetypes
from pathlib import Path
from urllib.parse import unquote

from aiohttp import web

from infra.local.edge.proxy import refusal
from infra.security_headers import content_security_policy, security_headers

IMMUTABLE = "public, max-age=31536000, immutable"  # names with a hash of their content
REVALIDATE = "no-cache"
HASHED = "/_app/immutable/"
NOT_BUILT = "The web app is not built yet: run 'make web'."

for _type, _suffix in (
    ("text/javascript", ".js"),
    ("application/manifest+json", ".webmanifest"),
    ("font/woff2", ".woff2"),
):
    mimetypes.add_type(_type, _suffix)


def web_file(folder: Path, path: str) -> web.StreamResponse:
    """The file at this path of the web app (compressed where a ``.br`` or ``.gz`` lies beside it), or a 404."""
    if not (folder / "index.html").is_file():
        return refusal(503, NOT_BUILT)
    file = (folder / unquote(path).lstrip("/")).resolve()
    if not file.is_relative_to(folder.resolve()) or not file.is_file():
        return refusal(404, "Not Found")
    caching = IMMUTABLE if path.startswith(HASHED) else REVALIDATE
    policy = content_security_policy((folder / "index.html").read_text(encoding="utf-8"))
    return web.FileResponse(
        file, headers={"Cache-Control": caching, "Vary": "Accept-Encoding", **security_headers(policy)}
    )
