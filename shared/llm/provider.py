"""The protocol every model provider implements, and what it yields.

The common language is that of OpenAI's chat completions: requests are its JSON bodies, a streamed piece is one of its
`chat.completion.chunk` objects (https://platform.openai.com/docs/api-reference/chat-streaming), read by `Chunk`.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

Json = dict[str, Any]


@dataclass(frozen=True)
class UpstreamModel:
    """A model as its provider names it; `raw` is what the provider says about it."""

    id: str
    name: str
    raw: Json


@dataclass(frozen=True)
class Chunk:
    """One piece of a streamed completion; `raw` is the `chat.completion.chunk` object it came as."""

    raw: Json

    @cached_property
    def _choice(self) -> Json:
        choices = self.raw.get("choices") or [{}]
        return choices[0] if isinstance(choices[0], dict) else {}

    @cached_property
    def _delta(self) -> Json:
        return self._choice.get("delta") or {}

    @property
    def content(self) -> str:
        """Text of the answer."""
        return _text(self._delta.get("content"))

    @property
    def reasoning(self) -> str:
        """Text of the model's reasoning, whatever the provider calls the field."""
        return _text(self._delta.get("reasoning_content")) or _text(self._delta.get("reasoning"))

    @property
    def tool_calls(self) -> list[Json]:
        """Pieces of tool calls, each with its `index`."""
        return self._delta.get("tool_calls") or []

    @property
    def finish_reason(self) -> str | None:
        """Why the model ended, in the last piece with text."""
        return self._choice.get("finish_reason")

    @property
    def usage(self) -> Json | None:
        """Tokens counted, mostly in a piece of its own at the end (llama.cpp: `timings`)."""
        usage = {**(self.raw.get("usage") or {}), **(self.raw.get("timings") or {})}
        return usage or None


class Provider(Protocol):
    """A connection to a service that runs models. Every method raises `ProviderError` in words a person understands."""

    async def prepare(self) -> None:
        """Loads what the provider needs, which may take as long as a round trip."""

    async def models(self) -> list[UpstreamModel]:
        """The models there are."""

    def stream(self, body: Json) -> AsyncGenerator[Chunk]:
        """Streams a completion; closing the iterator closes the connection to the provider."""

    async def complete(self, body: Json) -> Json:
        """A whole completion: a `chat.completion` object."""

    async def embed(self, body: Json) -> Json:
        """Embeddings: an OpenAI `list` object of `embedding` objects."""


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
