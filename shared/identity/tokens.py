"""Session tokens: JWT HS256 (RFC 7519) whose `kid` names the key; they say who, the session item says whether still."""

from dataclasses import dataclass

import jwt

from shared.clock import now
from shared.errors import Unauthorized
from shared.identity.keys import UnknownKey, key_ring

SESSION_ENDED = "Your session has expired or the token is invalid. Please sign in again."


@dataclass(frozen=True)
class Claims:
    """What a token says: user and session id, and when it ends (epoch seconds, None: never)."""

    user_id: str
    session_id: str
    expires_at: int | None


def issue(claims: Claims) -> str:
    """A signed token."""
    ring = key_ring()
    payload: dict[str, str | int] = {"id": claims.user_id, "jti": claims.session_id, "iat": now()}
    if claims.expires_at is not None:
        payload["exp"] = claims.expires_at
    return jwt.encode(payload, ring.derive("jwt"), algorithm="HS256", headers={"kid": ring.current})


def read(token: str) -> Claims:
    """The claims of a token with a good signature that is not past its time; raises `Unauthorized`."""
    try:
        key = key_ring().derive("jwt", jwt.get_unverified_header(token).get("kid", ""))
        payload = jwt.decode(token, key, algorithms=["HS256"], options={"require": ["id", "jti"]})
    except (jwt.InvalidTokenError, UnknownKey) as error:
        raise Unauthorized(SESSION_ENDED) from error
    return Claims(str(payload["id"]), str(payload["jti"]), payload.get("exp"))
