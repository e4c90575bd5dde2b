"""Domain errors: the one way to fail. `shared.web` maps them to HTTP `{"detail": …}`; a person reads what they say."""

from http import HTTPStatus


class DomainError(Exception):
    """A failure that a person can understand; `detail` says what happened and what to do."""

    status = HTTPStatus.BAD_REQUEST

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Invalid(DomainError):
    """The request cannot be carried out as it is (400)."""


class Unauthorized(DomainError):
    """Nobody is signed in, or the session has ended (401)."""

    status = HTTPStatus.UNAUTHORIZED


class Forbidden(DomainError):
    """The person may not do this (403)."""

    status = HTTPStatus.FORBIDDEN


class NotFound(DomainError):
    """There is no such thing, or not for this person (404)."""

    status = HTTPStatus.NOT_FOUND


class Conflict(DomainError):
    """Somebody else changed it first (409)."""

    status = HTTPStatus.CONFLICT


class TooLarge(DomainError):
    """The request or the result is over a limit, which `detail` names (413)."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class TooManyRequests(DomainError):
    """Try again after `retry_after` seconds (429)."""

    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, detail: str, retry_after: int = 60) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Upstream(DomainError):
    """A service this one depends on (a model provider, say) failed (502)."""

    status = HTTPStatus.BAD_GATEWAY
