"""Bodies of requests that are passed on: the model they name, and the same body with the provider's name for it.

A body is written anew for its model, so that nobody reads another model out of it than was looked at: not by a second
field, by another way of writing it (Go's readers take `Model` too), or by another content type.
"""

import json
from dataclasses import dataclass, field
from typing import Any

import httpx2
from fastapi import Request
from starlette.datastructures import UploadFile

from shared import json_input
from shared.errors import Invalid
from shared.llm.provider import Json

MODEL = "model"
JSON = "application/json"

Part = tuple[str, tuple[str | None, str | bytes, str | None]]


@dataclass(frozen=True)
class Body:
    """A body as it is sent. `given`: the object that it is in JSON; `parts`: those of a form."""

    content: bytes = b""
    content_type: str = ""
    given: Json | None = None
    parts: list[Part] = field(default_factory=list)

    @property
    def model(self) -> str | None:
        """The model it names, if it names one."""
        if self.given is not None:
            named = self.given.get(MODEL)
            return named if isinstance(named, str) else None
        named = [value for name, (_, value, _) in self.parts if name == MODEL]
        return named[0] if len(named) == 1 and isinstance(named[0], str) else None

    @property
    def without_model(self) -> bool:
        """Whether it is an object that says nothing of a model, however a provider reads it."""
        return self.given is not None and not any(map(_is_model, self.given))

    def of(self, model: str) -> "Body":
        """The body with that model and no other in it."""
        if self.given is not None:
            return of_json({**{name: value for name, value in self.given.items() if not _is_model(name)}, MODEL: model})
        named: list[Part] = [(MODEL, (None, model, None))]
        form = httpx2.Request(
            "POST", "http://form", files=named + [part for part in self.parts if not _is_model(part[0])]
        )
        return Body(form.read(), form.headers["content-type"])


def of_json(given: Json) -> Body:
    """The body that is this object."""
    return Body(json.dumps(given).encode(), JSON, given)


async def read(request: Request) -> Body:
    """The body of a request as it came."""
    content, content_type = await request.body(), request.headers.get("content-type", "")
    if not content_type.isascii():
        raise Invalid("The content type of this request is none. Send application/json or multipart/form-data.")
    if content_type.lower().startswith("multipart/form-data"):
        return Body(content, content_type, parts=await _parts(request))
    try:
        given = json_input.read(content)
    except Invalid:
        given = None
    return Body(content, content_type, given if isinstance(given, dict) else None)


async def _parts(request: Request) -> list[Part]:
    async with request.form() as form:
        return [(name, await _part(value)) for name, value in form.multi_items()]


async def _part(value: UploadFile | str) -> tuple[str | None, str | bytes, str | None]:
    if isinstance(value, str):
        return None, value, None
    return value.filename or "", await value.read(), value.content_type


def _is_model(name: Any) -> bool:
    return str(name).casefold() == MODEL
