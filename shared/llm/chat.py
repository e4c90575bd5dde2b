"""What the providers with a language of their own share: OpenAI's messages read, and OpenAI's chunks made."""

import base64
import binascii
import json
import time
import uuid
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from shared.llm.errors import ProviderError, Trouble
from shared.llm.provider import Chunk, Json
from shared.logs import logger

UNREADABLE = "This request, or a parameter of its model, is not what OpenAI's API takes. Correct it and try again."
NO_PARAMETERS: Json = {"type": "object", "properties": {}}


@dataclass(frozen=True)
class Image:
    """An image of a message: Base64 `data` of a media type, or a `link` to it."""

    media_type: str = ""
    data: str = field(default="", repr=False)
    link: str = ""

    @property
    def raw(self) -> bytes:
        """Its bytes; raises `ProviderError` for data that is no Base64."""
        try:
            return base64.b64decode(self.data, validate=True)
        except (ValueError, binascii.Error) as error:
            raise ProviderError(Trouble.REQUEST, "An image of this message cannot be read. Attach it again.") from error


@dataclass(frozen=True)
class ToolCall:
    """A call of a tool that the model made in an earlier turn. `extra` is what its provider wants back with it."""

    id: str
    name: str
    arguments: Json
    extra: Json


@dataclass(frozen=True)
class Tool:
    """A function the model may call; `parameters` is a JSON schema."""

    name: str
    description: str
    parameters: Json


def translation(request: Callable[[Json], Json]) -> Callable[[Json], Json]:
    """Has a translation of a chat completion's body raise `ProviderError` for one that is not what OpenAI's API takes.

    Other services read it themselves; here nobody has looked at what people, and presets, put into it.
    """

    @wraps(request)
    def translated(body: Json) -> Json:
        try:
            return request(body)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            logger().warning("request not translated", extra={"code": type(error).__name__})
            raise ProviderError(Trouble.REQUEST, UNREADABLE) from error

    return translated


def parts(content: object) -> Iterator[str | Image]:
    """The texts and images of a message's content, without empty texts."""
    if isinstance(content, str):
        content = [{"type": "text", "text": content}]
    for part in content if isinstance(content, list) else []:
        if part.get("type") == "text" and part.get("text"):
            yield str(part["text"])
        elif part.get("type") == "image_url":
            image = part["image_url"]
            yield _image(str(image.get("url", "") if isinstance(image, dict) else image))


def embedded(image: Image, service: str) -> Image:
    """The image, unless it is only a link: then `ProviderError` says that this service does not follow links."""
    if image.link:
        raise ProviderError(Trouble.REQUEST, f"{service} takes images as files only, not as links.")
    return image


def text_of(content: object) -> str:
    """The texts of a message's content."""
    return "\n".join(part for part in parts(content) if isinstance(part, str))


def is_system(message: Json) -> bool:
    """Whether a message tells the model how to behave."""
    return message.get("role") in ("system", "developer")


def calls_of(message: Json) -> Iterator[ToolCall]:
    """The tool calls of an assistant's message; raises `ProviderError` for arguments that are no JSON object."""
    for call in message.get("tool_calls") or []:
        function = call.get("function") or {}
        try:
            arguments = json.loads(function.get("arguments") or "{}")
        except ValueError:
            arguments = None
        if not isinstance(arguments, dict):
            raise ProviderError(
                Trouble.REQUEST, f"The arguments of the tool call {function.get('name')} are not a JSON object."
            )
        yield ToolCall(
            str(call.get("id", "")), str(function.get("name", "")), arguments, call.get("extra_content") or {}
        )


def tools_of(body: Json) -> list[Tool]:
    """The functions that the model may call; none when `tool_choice` forbids them."""
    if body.get("tool_choice") == "none":
        return []
    functions = [tool["function"] for tool in body.get("tools") or [] if tool.get("function")]
    return [
        Tool(str(each.get("name", "")), str(each.get("description") or ""), each.get("parameters") or NO_PARAMETERS)
        for each in functions
    ]


def forced_tool(body: Json) -> str | None:
    """The name of the one function that `tool_choice` demands."""
    choice = body.get("tool_choice")
    return str(choice["function"]["name"]) if isinstance(choice, dict) and choice.get("function") else None


def stops(body: Json) -> list[str] | None:
    """The texts that end the answer."""
    stop = body.get("stop")
    return [stop] if isinstance(stop, str) else stop or None


def limit(body: Json) -> int | None:
    """The most tokens the answer may have."""
    return body.get("max_completion_tokens") or body.get("max_tokens")


def schema(body: Json) -> Json | None:
    """The JSON schema that the answer must follow: an empty one for any JSON object; None for free text."""
    wanted = body.get("response_format") or {}
    if wanted.get("type") == "json_schema":
        return (wanted.get("json_schema") or {}).get("schema") or {}
    return {} if wanted.get("type") == "json_object" else None


def given(**values: Any) -> Json:
    """Those of the values that are not None."""
    return {name: value for name, value in values.items() if value is not None}


def merged(turns: list[tuple[str, list[Json]]]) -> list[tuple[str, list[Json]]]:
    """The turns with neighbours of one role made one, as services want it that expect turns to alternate."""
    result: list[tuple[str, list[Json]]] = []
    for role, blocks in turns:
        if not blocks:
            continue
        if result and result[-1][0] == role:
            result[-1][1].extend(blocks)
        else:
            result.append((role, list(blocks)))
    return result


class Writer:
    """Makes the `chat.completion.chunk` objects of one answer."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._id, self._created = f"chatcmpl-{uuid.uuid4().hex}", int(time.time())

    def delta(self, finish_reason: str | None = None, **delta: Any) -> Json:
        """A chunk with this delta."""
        return self._chunk([{"index": 0, "delta": delta, "finish_reason": finish_reason}])

    def call(self, index: int, call_id: str, name: str, arguments: str = "", extra: Json | None = None) -> Json:
        """A chunk in which a tool call begins."""
        function = {"name": name, "arguments": arguments}
        call = {"index": index, "id": call_id, "type": "function", "function": function}
        return self.delta(tool_calls=[{**call, "extra_content": extra} if extra else call])

    def arguments(self, index: int, text: str) -> Json:
        """A chunk with more of a tool call's arguments."""
        return self.delta(tool_calls=[{"index": index, "function": {"arguments": text}}])

    def usage(self, prompt: int, answer: int, **more: Any) -> Json:
        """The chunk of the end, with the tokens counted; `more` are the service's own figures."""
        counted = {"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer}
        return {**self._chunk([]), "usage": {**counted, **given(**more)}}

    def _chunk(self, choices: list[Json]) -> Json:
        head = {"id": self._id, "object": "chat.completion.chunk", "created": self._created, "model": self._model}
        return {**head, "choices": choices}


async def gathered(chunks: AsyncGenerator[Chunk]) -> Json:
    """The `chat.completion` object that a stream adds up to."""
    texts: dict[str, list[str]] = {"content": [], "reasoning_content": []}
    calls: dict[int, Json] = {}
    details: list[Json] = []
    head: Json = {}
    finish, usage = "stop", None
    async with aclosing(chunks):
        async for chunk in chunks:
            head = head or {name: chunk.raw.get(name) for name in ("id", "created", "model")}
            texts["content"].append(chunk.content)
            texts["reasoning_content"].append(chunk.reasoning)
            details += chunk.reasoning_details
            finish, usage = chunk.finish_reason or finish, chunk.usage or usage
            for piece in chunk.tool_calls:
                _add(calls, piece)
    message: Json = {"role": "assistant", "content": "".join(texts["content"])}
    if reasoning := "".join(texts["reasoning_content"]):
        message["reasoning_content"] = reasoning
    if details:
        message["reasoning_details"] = details
    if calls:
        message["tool_calls"] = [calls[index] for index in sorted(calls)]
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return {**head, "object": "chat.completion", "choices": [choice], **({"usage": usage} if usage else {})}


def _add(calls: dict[int, Json], piece: Json) -> None:
    """Adds a piece of a tool call to the calls so far."""
    function = piece.get("function") or {}
    call = calls.setdefault(piece.get("index", 0), {"type": "function", "function": {"name": "", "arguments": ""}})
    call |= {name: piece[name] for name in ("id", "extra_content") if piece.get(name)}
    call["function"]["name"] += function.get("name") or ""
    call["function"]["arguments"] += function.get("arguments") or ""


def _image(url: str) -> Image:
    head, comma, data = url.partition(";base64,")
    if comma and head.startswith("data:"):
        return Image(head.removeprefix("data:").replace("image/jpg", "image/jpeg"), data)
    return Image(link=url)
