"""What an engine is, and how all of them talk to their service."""

import asyncio
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx2

from shared.errors import Upstream
from shared.guarded import GuardedTransport, admins
from shared.segments import Segment

Json = dict[str, Any]

PAUSE = 2.0
"""Seconds between two questions whether a document has been read."""
_CONNECT = 10.0
_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Document:
    """A file as it is handed over. `kind` as `shared.kinds` has it."""

    name: str
    content: bytes
    content_type: str = "application/octet-stream"
    kind: str = ""


class EngineTrouble(Upstream):
    """An engine has not read the document; `transient`: it is worth another try."""

    def __init__(self, detail: str, *, transient: bool = False) -> None:
        super().__init__(detail)
        self.transient = transient


class Engine(Protocol):
    """A service that reads documents of some kinds."""

    kinds: frozenset[str]

    async def read(self, document: Document, talk: "Talk") -> list[Segment]:
        """The segments of a document; raises `EngineTrouble`."""


class Talk:
    """A conversation with a service, which ends after `seconds`. Its addresses are an admin's, see `shared.guarded`."""

    def __init__(self, name: str, seconds: float) -> None:
        self._name, self._until = name, time.monotonic() + seconds
        self._client = httpx2.AsyncClient(
            transport=GuardedTransport(admins, self._refused), timeout=httpx2.Timeout(seconds, connect=_CONNECT)
        )

    async def __aenter__(self) -> "Talk":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def ask(self, method: str, url: str, **request: Any) -> httpx2.Response:
        """What the service answers; raises `EngineTrouble` also for an answer that tells of one."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise self.trouble("takes too long. Split the file, or try again later", transient=True)
        try:
            async with asyncio.timeout(left):
                answer = await self._client.request(method, url, **request)
        except (TimeoutError, httpx2.TimeoutException) as error:
            raise self.trouble("did not answer in time. Try again later", transient=True) from error
        except httpx2.HTTPError as error:
            raise self.trouble("cannot be reached. An admin can check its address", transient=True) from error
        except (httpx2.InvalidURL, ValueError) as error:
            raise self.trouble("has an address that is none. An admin can correct it") from error
        if answer.is_error:
            raise self._answered(answer)
        return answer

    async def json(self, method: str, url: str, **request: Any) -> Json:
        """The object that the service answers."""
        return self.object_of(await self.ask(method, url, **request))

    def object_of(self, answer: httpx2.Response) -> Json:
        """The object in an answer."""
        try:
            found = answer.json()
        except ValueError as error:
            raise self.trouble("did not answer in JSON. An admin can check its address") from error
        if not isinstance(found, dict):
            raise self.trouble("gave an answer that is not understood. An admin can check its address")
        return found

    async def pause(self, answer: httpx2.Response | None = None) -> None:
        """Waits before the next question: as long as the service asks for, or two seconds."""
        asked = answer.headers.get("retry-after", "") if answer is not None else ""
        await asyncio.sleep(min(float(asked), 30.0) if asked.isdigit() else PAUSE)

    def trouble(self, what: str, *, transient: bool = False) -> EngineTrouble:
        """A trouble of this service, as a sentence."""
        return EngineTrouble(f"{self._name} {what}.", transient=transient)

    def failed(self, why: object) -> EngineTrouble:
        """The service says that the document cannot be read."""
        told = " ".join(str(why or "").split())[:300].rstrip(".")
        return self.trouble(f"could not read the file{f': {told}' if told else ''}")

    def _answered(self, answer: httpx2.Response) -> EngineTrouble:
        status = answer.status_code
        if status in (401, 403):
            return self.trouble("does not accept its key. An admin can correct it under Documents")
        if status in _TRANSIENT:
            return self.trouble(f"is not able to read at the moment (it answered {status})", transient=True)
        if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return self.trouble("does not take files of this size. Split it")
        return self.failed(_reason(answer) or f"it answered {status}")

    def _refused(self, host: str) -> EngineTrouble:
        return self.trouble(f"is not called at {host}: that address belongs to this server or its cloud")


def same_origin(url: str, other: str) -> bool:
    """Whether two addresses are of one server: only then does one get the key of the other."""
    first, second = urlsplit(url), urlsplit(other)
    return (first.scheme, first.netloc) == (second.scheme, second.netloc)


def _reason(answer: httpx2.Response) -> object:
    """What an error says of itself, in the words that services use for it."""
    try:
        told = answer.json()
    except ValueError:
        return answer.text[:300] if answer.headers.get("content-type", "").startswith("text/plain") else ""
    for name in ("detail", "error", "message"):
        if isinstance(told, dict) and told.get(name):
            inner = told[name]
            return inner.get("message") if isinstance(inner, dict) else inner
    return ""
