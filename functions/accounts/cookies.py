"""The `token` cookie."""

from fastapi import Request, Response

from shared.clock import now
from shared.errors import Forbidden
from shared.identity.sessions import Identity
from shared.web import viewer

COOKIE = "token"


def set_token(request: Request, response: Response, identity: Identity) -> None:
    """Gives the browser the session's token, for as long as the session lasts; an API key becomes no cookie."""
    if identity.session_id is None:
        return
    age = None if identity.expires_at is None else max(0, identity.expires_at - now())
    response.set_cookie(
        COOKIE, identity.token, max_age=age, path="/", httponly=True, samesite="lax", secure=_is_https(request)
    )


def clear_token(request: Request, response: Response) -> None:
    """Takes the token from the browser."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=_is_https(request))


def refuse_embedded(request: Request) -> None:
    """Refuses a GET that a browser sent for another site, or for an image: it would sign people out unasked.

    https://www.w3.org/TR/fetch-metadata/
    """
    headers = request.headers
    if headers.get("sec-fetch-site") == "cross-site" or headers.get("sec-fetch-dest", "empty") not in (
        "empty",
        "document",
    ):
        raise Forbidden("This request comes from another site's page. Open this site itself and try again.")


def _is_https(request: Request) -> bool:
    return viewer(request).proto == "https"
