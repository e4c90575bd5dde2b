"""What search engines and loaders of pages have in common: a call of their API, and its troubles in words."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2

from shared import json_input
from shared.errors import Invalid, Upstream
from shared.retrieval.settings import WEB_SECRETS, RetrievalSettings

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Result:
    """What an engine found."""

    link: str
    title: str = ""
    snippet: str = ""


@dataclass(frozen=True)
class Call:
    """What is asked of a service, and the client that asks it."""

    client: httpx2.AsyncClient
    section: RetrievalSettings
    query: str = ""
    count: int = 0

    def needed(self, name: str) -> str:
        """A setting without which the service cannot be asked; raises `Invalid`."""
        value = self.section.web_secret(name) if name in WEB_SECRETS else str(getattr(self.section.web, name))
        if not value.strip():
            raise Invalid(f"This is not set up: an admin has to enter {name.upper()} under Web search.")
        return value.strip()

    async def json(self, method: str, url: str, **request: Any) -> Json:
        """The object that a service answers; raises `Upstream`."""
        answer = await self.answer(method, url, **request)
        try:
            found = json_input.read(answer.content)
        except Invalid as error:
            raise Upstream(f"{_host(url)} did not answer in JSON. An admin can check its address.") from error
        return found if isinstance(found, dict) else {"results": found}

    async def answer(self, method: str, url: str, **request: Any) -> httpx2.Response:
        """What a service answers; raises `Upstream`."""
        try:
            answer = await self.client.request(method, url, **request)
        except httpx2.TimeoutException as error:
            raise Upstream(f"{_host(url)} did not answer in time. Try again.") from error
        except httpx2.HTTPError as error:
            raise Upstream(f"{_host(url)} cannot be reached. An admin can check its address.") from error
        if answer.is_error:
            raise _refusal(url, answer)
        return answer


def listed(found: Any, name: str) -> list[Json]:
    """The objects in a list of an answer."""
    entries = found.get(name) if isinstance(found, dict) else None
    return [each for each in entries if isinstance(each, dict)] if isinstance(entries, list) else []


def bearer(key: str) -> dict[str, str]:
    """The header that carries a key; none for none."""
    return {"authorization": f"Bearer {key}"} if key else {}


def _host(url: str) -> str:
    return urlsplit(url).hostname or "The service"


def _refusal(url: str, answer: httpx2.Response) -> Upstream:
    host = _host(url)
    if answer.status_code in (401, 403):
        return Upstream(f"{host} does not accept its key. An admin can correct it under Web search.")
    if answer.status_code == httpx2.codes.TOO_MANY_REQUESTS:
        return Upstream(f"{host} accepts no more requests at the moment (rate limit or quota). Try again later.")
    return Upstream(f"{host} failed (it answered {answer.status_code}). Try again later.")
