"""The security headers of the web app, for CloudFront and for the local edge."""

import base64
import hashlib
import re

_INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)

HSTS_SECONDS = 365 * 24 * 3600
REFERRER_POLICY = "strict-origin-when-cross-origin"
PERMISSIONS_POLICY = "camera=(self), microphone=(self), geolocation=(self), clipboard-write=(self), interest-cohort=()"


def content_security_policy(index_html: str, storage: tuple[str, ...] = ()) -> str:
    """The policy of a page: its own origin, the inline scripts it has by their hash, and the origins that hold files.

    Pictures come from there too and from nowhere else: a picture's address in an answer would otherwise carry what a
    person wrote to whoever made the model write it.
    """
    hashes = [_hash(script) for script in _INLINE_SCRIPT.findall(index_html)]
    files = list(storage)
    directives = {
        "default-src": ["'self'"],
        # WebAssembly: the grammars of the code highlighter.
        "script-src": ["'self'", "'wasm-unsafe-eval'", *hashes],
        # KaTeX, Mermaid and Svelte's transitions set styles on elements.
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:", *files],
        "media-src": ["'self'", "data:", "blob:", *files],
        "font-src": ["'self'", "data:"],
        "connect-src": ["'self'", *files],
        "worker-src": ["'self'", "blob:"],
        "manifest-src": ["'self'"],
        "frame-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
    return "; ".join(f"{name} {' '.join(values)}" for name, values in directives.items())


def security_headers(policy: str) -> dict[str, str]:
    """The headers of every page and file of the web app under `policy`, beside HSTS (which is for HTTPS only)."""
    return {
        "content-security-policy": policy,
        "permissions-policy": PERMISSIONS_POLICY,
        "referrer-policy": REFERRER_POLICY,
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
    }


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
