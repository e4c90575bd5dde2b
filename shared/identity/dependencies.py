"""FastAPI dependencies: `CurrentUser` (any role), `VerifiedUser`, `AdminUser`, `OptionalUser`.

They also keep other sites from acting through a person's browser: with the cookie, a request that changes something
must come from this site (`same_origin`); a bearer token no other site can know.
"""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from shared.errors import Forbidden, Unauthorized
from shared.identity.config import AuthSection
from shared.identity.sessions import Identity, authenticate
from shared.sections import load
from shared.web import viewer

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

_bearer = HTTPBearer(
    auto_error=False, description="A session token, or an API key (`sk-…`). Browsers send the `token` cookie."
)
Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


def same_origin(request: Request) -> None:
    """Refuses a request that changes something and that a browser sent from another site's page.

    Browsers send `Origin` with every such request (https://fetch.spec.whatwg.org/#origin-header); other clients, which
    have no cookies to abuse, may leave it out. Raises `Forbidden`.
    """
    origin = request.headers.get("origin")
    if origin is not None and request.method not in SAFE_METHODS and origin != viewer(request).origin:
        raise Forbidden("This request comes from another site's page. Open this site itself and try again.")


async def session_token(request: Request, bearer: Bearer) -> str | None:
    """The token the request carries: the bearer's, otherwise the cookie's, of which `same_origin` must approve."""
    if bearer:
        return bearer.credentials
    token = request.cookies.get("token")
    if token:
        same_origin(request)
    return token


def optional_user(request: Request, token: Annotated[str | None, Depends(session_token)]) -> Identity | None:
    """Whoever asks, or None when the request carries no valid token."""
    try:
        return current_user(request, token) if token else None
    except Unauthorized:
        return None


def current_user(request: Request, token: Annotated[str | None, Depends(session_token)]) -> Identity:
    """Whoever asks, of any role; raises `Unauthorized`."""
    if not token:
        raise Unauthorized("You are not signed in. Sign in and try again.")
    identity = authenticate(token)
    if identity.session_id is None:
        _check_api_key_endpoint(request)
    request.state.user_id, request.state.identity = identity.id, identity
    return identity


async def verified_user(identity: Annotated[Identity, Depends(current_user)]) -> Identity:
    """Somebody an admin has let in (role user or admin)."""
    if identity.role not in ("user", "admin"):
        raise Forbidden("Your account is waiting for an admin to activate it.")
    return identity


async def admin_user(identity: Annotated[Identity, Depends(current_user)]) -> Identity:
    """An admin."""
    if not identity.is_admin:
        raise Forbidden("Only an admin can do this.")
    return identity


def _check_api_key_endpoint(request: Request) -> None:
    section = load(AuthSection)
    if not section.enable_api_key_endpoint_restrictions:
        return
    allowed = [path.strip() for path in section.api_key_allowed_endpoints.split(",") if path.strip()]
    if not any(request.url.path == path or request.url.path.startswith(path.rstrip("/") + "/") for path in allowed):
        raise Forbidden("An admin has not allowed API keys for this endpoint.")


OptionalUser = Annotated[Identity | None, Depends(optional_user)]
CurrentUser = Annotated[Identity, Depends(current_user)]
VerifiedUser = Annotated[Identity, Depends(verified_user)]
AdminUser = Annotated[Identity, Depends(admin_user)]
