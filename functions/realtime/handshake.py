"""What `$connect` shows of a client before any frame."""

import hmac
from dataclasses import dataclass
from typing import Any, Self

from shared.errors import Forbidden, Invalid
from shared.settings import settings


@dataclass(frozen=True)
class Handshake:
    """A WebSocket upgrade as CloudFront or the edge forwarded it; header names in lower case."""

    headers: dict[str, str]
    query: dict[str, str]

    @classmethod
    def of(cls, event: dict[str, Any]) -> Self:
        """The handshake of a `$connect` event."""
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        return cls(headers, event.get("queryStringParameters") or {})

    def check(self) -> None:
        """Raises `Invalid` unless this is Engine.IO 4 over WebSocket, `Forbidden` unless it came by the front door."""
        if self.query.get("EIO") != "4" or self.query.get("transport") != "websocket":
            raise Invalid("This server speaks Socket.IO (EIO=4) over WebSocket only.")
        secret = settings().origin_secret
        if secret and not hmac.compare_digest(self.headers.get("x-origin-verify", "").encode(), secret.encode()):
            raise Forbidden("Connect through the app's own address.")

    def cookie_token(self) -> str | None:
        """The session token in the cookie, unless a page of another origin opened the socket.

        Browsers send cookies with any page's sockets and no CORS check stands in between (RFC 6455, section 10.2).
        Such a page can still connect, anonymously, and prove itself with a token of its own.
        """
        origin = self.headers.get("origin")
        if origin is not None and origin.lower() != self._viewer_origin().lower():
            return None
        for cookie in self.headers.get("cookie", "").split(";"):
            name, _, value = cookie.strip().partition("=")
            if name == "token" and value:
                return value.strip('"')
        return None

    def _viewer_origin(self) -> str:
        if settings().origin_secret:
            return f"{self.headers.get('x-viewer-proto', 'https')}://{self.headers.get('x-viewer-host', '')}"
        return f"http://{self.headers.get('host', '')}"
