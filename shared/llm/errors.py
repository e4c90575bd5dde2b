"""What goes wrong with providers, in words a person understands."""

import asyncio
import random
import re
from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from http import HTTPStatus
from typing import TypeVar

from shared.errors import Upstream

T = TypeVar("T")

SILENCE_SECONDS = 60
TRIES = 3
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 20.0

# Too many requests, overloaded (503, and 529 as some services have it): not carried out, so safe to repeat.
_AGAIN = (429, 503, 529)


class Trouble(StrEnum):
    """Kinds of failure; also the `code` an OpenAI client reads."""

    UNREACHABLE = "unreachable"
    REFUSED_ADDRESS = "address_not_allowed"
    KEY = "invalid_api_key"
    MODEL = "model_not_found"
    RATE = "rate_limit_exceeded"
    CONTEXT = "context_length_exceeded"
    BROKEN = "stream_broken"
    SILENCE = "upstream_silent"
    REQUEST = "invalid_request"
    OTHER = "upstream_error"


_STATUS = {
    Trouble.MODEL: HTTPStatus.NOT_FOUND,
    Trouble.RATE: HTTPStatus.TOO_MANY_REQUESTS,
    Trouble.CONTEXT: HTTPStatus.BAD_REQUEST,
    Trouble.REQUEST: HTTPStatus.BAD_REQUEST,
    Trouble.REFUSED_ADDRESS: HTTPStatus.BAD_REQUEST,
    Trouble.SILENCE: HTTPStatus.GATEWAY_TIMEOUT,
}

_CONTEXT = re.compile(
    r"context[ _](length|window|size)|maximum context|too many (input )?tokens|prompt is too long|input is too long"
    r"|exceeds? the (model'?s )?(maximum|available context)",
    re.IGNORECASE,
)
_MODEL = re.compile(
    r"model\b.*(not (found|exist)|does not exist|unknown|invalid model)|model_not_found|unknown model", re.I | re.S
)
LONGEST_QUOTE = 300


class ProviderError(Upstream):
    """A provider failed; `retry_after` (seconds) is what it asked for, if anything. `again`: worth another try."""

    def __init__(self, trouble: Trouble, detail: str, *, retry_after: float | None = None, again: bool = False) -> None:
        super().__init__(detail)
        self.trouble = trouble
        self.retry_after, self.again = retry_after, again
        self.status = _STATUS.get(trouble, HTTPStatus.BAD_GATEWAY)


def unreachable(host: str) -> ProviderError:
    """Nobody answers there."""
    return ProviderError(
        Trouble.UNREACHABLE,
        f"The model server at {host} cannot be reached. Check that it is running and that its address is right.",
    )


def broken(host: str) -> ProviderError:
    """The connection was lost in mid-answer."""
    return ProviderError(
        Trouble.BROKEN,
        f"The connection to {host} broke off in the middle of the answer. What had arrived is kept; try again.",
    )


def nonsense(host: str) -> ProviderError:
    """Something answers there, yet not what it is asked for."""
    return ProviderError(
        Trouble.OTHER,
        f"{host} does not answer as a model server of this kind does. Check address and kind of the connection.",
    )


def silent(host: str, seconds: float = SILENCE_SECONDS) -> ProviderError:
    """Connected, yet nothing comes."""
    return ProviderError(
        Trouble.SILENCE,
        f"{host} has sent nothing for {seconds:.0f} seconds, so the answer ended. Try again, or pick another model.",
    )


def from_status(
    host: str, status: int, message: str, *, code: str = "", model: str = "", retry_after: float | None = None
) -> ProviderError:
    """The error for an HTTP status (0: an error sent inside a stream) and the provider's own message."""
    said, again = quoted(message), status in _AGAIN and code != "insufficient_quota"
    text = f"{code} {message}"
    if _CONTEXT.search(text) or status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return ProviderError(
            Trouble.CONTEXT,
            f"This conversation is too long for {model or 'the model'}. "
            f"Start a new chat, or pick a model with a longer context.{said}",
        )
    if status == HTTPStatus.TOO_MANY_REQUESTS or code in ("rate_limit_exceeded", "insufficient_quota"):
        detail = (
            f"{host} accepts no more requests at the moment (rate limit or quota). Wait a little and try again.{said}"
        )
        return ProviderError(Trouble.RATE, detail, retry_after=retry_after, again=again)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        detail = (
            f"{host} does not accept the API key of this connection. An admin can correct it under Connections.{said}"
        )
        return ProviderError(Trouble.KEY, detail)
    if status == HTTPStatus.NOT_FOUND and not model:
        return ProviderError(
            Trouble.MODEL,
            f"{host} has nothing at this address. Check it; "
            f"if the service does not list its models, name them in the connection's list of models.{said}",
        )
    if status == HTTPStatus.NOT_FOUND or _MODEL.search(text):
        return ProviderError(
            Trouble.MODEL, f"{host} does not know the model {model}. Pick another model, or refresh the list.{said}"
        )
    if 400 <= status < 500:
        return ProviderError(Trouble.REQUEST, f"{host} rejected the request.{said}")
    at_status = f" ({status})" if status else ""
    detail = f"{host} failed{at_status}. Try again.{said}"
    return ProviderError(Trouble.OTHER, detail, retry_after=retry_after, again=again)


async def patiently(call: Callable[[], Awaitable[T]]) -> T:
    """What `call` returns. Refused for its rate, it is tried three times, as the service asks."""
    for tries in range(1, TRIES + 1):
        try:
            return await call()
        except ProviderError as error:
            pause = error.retry_after or FIRST_PAUSE_SECONDS * 2 ** (tries - 1) * (1 + random.random() / 4)  # noqa: S311
            if tries == TRIES or not error.again or pause > LONGEST_PAUSE_SECONDS:
                raise
            await asyncio.sleep(pause)
    raise AssertionError("unreachable")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, as the HTTP header says (RFC 9110 section 10.2.3, the form in seconds), or OpenAI's own finer one."""
    try:
        if "retry-after-ms" in headers:
            return float(headers["retry-after-ms"]) / 1000
        return float(headers["retry-after"])
    except (KeyError, ValueError):
        return None


def quoted(message: str) -> str:
    """The provider's own words, shortened, to follow ours."""
    said = " ".join(message.split())
    return f" It says: {said[:LONGEST_QUOTE]}{'…' if len(said) > LONGEST_QUOTE else ''}" if said else ""
