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
        content = self._delta.get("content")
        # Mistral's reasoning models send parts in place of a text.
        return "".join(_texts(content, "text")) if isinstance(content, list) else _text(content)

    @property
    def reasoning(self) -> str:
        """Text of the model's reasoning, whatever the provider calls the field."""
        delta = self._delta
        if isinstance(content := delta.get("content"), list):
            return "".join(_texts(content, "thinking"))
        return _text(delta.get("reasoning_content")) or _text(delta.get("reasoning")) or _text(delta.get("thinking"))

    @property
    def reasoning_details(self) -> list[Json]:
        """What a provider wants back with the reasoning in the next turn: signatures, sealed parts."""
        details = self._delta.get("reasoning_details")
        return details if isinstance(details, list) else []

    @property
    def citations(self) -> list[Json]:
        """The pages that the answer rests on, where the service searched: `url` and, if it says so, `title`."""
        found = self.raw.get("search_results") or self.raw.get("citations") or []
        pages = [{"url": page} if isinstance(page, str) else page for page in found if page]
        noted = [note.get("url_citation") for note in self._delta.get("annotations") or [] if isinstance(note, dict)]
        return [page for page in [*pages, *noted] if isinstance(page, dict) and page.get("url")]

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
        """Tokens counted, mostly in a piece of its own at the end (llama.cpp: `timings`; Groq: `x_groq`)."""
        usage = self.raw.get("usage") or (self.raw.get("x_groq") or {}).get("usage") or {}
        usage = {**usage, **(self.raw.get("timings") or {})}
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

    async def count(self, body: Json) -> int | None:
        """The tokens of a prompt as the service counts them; None where it does not."""


def _texts(found: list[Any], kind: str) -> list[str]:
    """The texts of those parts that are of a kind; a part may hold parts of its own."""
    texts = []
    for part in found:
        if isinstance(part, dict) and part.get("type") == kind:
            inner = part.get(kind)
            texts += _texts(inner, "text") if isinstance(inner, list) else [_text(inner)]
    return texts


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
