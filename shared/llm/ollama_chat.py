"""Between OpenAI's chat completions and Ollama's own chat.

https://docs.ollama.com/api/chat
"""

import json
import uuid
from typing import Any

from shared.llm import chat
from shared.llm.chat import Image, Writer
from shared.llm.provider import Json

# Ollama's options that people set by these names, and OpenAI's parameters that it knows by another.
OPTIONS = (
    "temperature",
    "top_p",
    "top_k",
    "min_p",
    "seed",
    "frequency_penalty",
    "presence_penalty",
    "repeat_penalty",
    "repeat_last_n",
    "tfs_z",
    "mirostat",
    "mirostat_eta",
    "mirostat_tau",
    "num_ctx",
    "num_batch",
    "num_keep",
    "num_predict",
    "num_gpu",
    "num_thread",
    "use_mmap",
    "use_mlock",
)
_THINK = {"none": False, "minimal": "low", "xhigh": "high"}
_EFFORTS = ("gpt-oss",)
"""Models that are told how long to think; all others are told only whether to."""


@chat.translation
def request(body: Json) -> Json:
    """The body of /api/chat for a chat completion's body."""
    messages = body.get("messages") or []
    names = {call.id: call.name for message in messages for call in chat.calls_of(message)}
    options = {name: body[name] for name in OPTIONS if body.get(name) is not None}
    options |= chat.given(num_predict=chat.limit(body), stop=chat.stops(body)) | (body.get("options") or {})
    wanted = chat.schema(body)
    tools = [{"type": "function", "function": vars(tool)} for tool in chat.tools_of(body)]
    return {
        "model": body["model"],
        "messages": [_message(message, names) for message in messages],
        **chat.given(
            options=options or None,
            tools=tools or None,
            format=body.get("format") or (None if wanted is None else wanted or "json"),
            keep_alive=body.get("keep_alive"),
            think=_think(body),
        ),
    }


class Reader:
    """Turns the lines of one answer into `chat.completion.chunk` objects."""

    def __init__(self, model: str) -> None:
        self._writer = Writer(model)
        self._calls = 0

    def chunks(self, line: Json) -> list[Json]:
        """The chunks for a line."""
        message = line.get("message") or {}
        chunks = []
        if thinking := message.get("thinking"):
            chunks.append(self._writer.delta(reasoning_content=thinking))
        if content := message.get("content"):
            chunks.append(self._writer.delta(content=content))
        for call in message.get("tool_calls") or []:
            function = call.get("function") or {}
            arguments = json.dumps(function.get("arguments") or {}, ensure_ascii=False)
            call_id = call.get("id") or f"call_{uuid.uuid4().hex[:24]}"
            chunks.append(self._writer.call(self._calls, call_id, str(function.get("name", "")), arguments))
            self._calls += 1
        if line.get("done"):
            finish = "length" if line.get("done_reason") == "length" else "tool_calls" if self._calls else "stop"
            chunks += [self._writer.delta(finish), self._usage(line)]
        return chunks

    def _usage(self, line: Json) -> Json:
        prompt, answer = line.get("prompt_eval_count") or 0, line.get("eval_count") or 0
        durations = ("total_duration", "load_duration", "prompt_eval_duration", "eval_duration")
        return self._writer.usage(
            prompt,
            answer,
            **{name: line.get(name) for name in durations},
            **{
                "prompt_token/s": _rate(prompt, line.get("prompt_eval_duration")),
                "response_token/s": _rate(answer, line.get("eval_duration")),
            },
        )


def _message(message: Json, names: dict[str, str]) -> Json:
    found = list(chat.parts(message.get("content")))
    images = [chat.embedded(part, "Ollama").data for part in found if isinstance(part, Image)]
    calls = [{"function": {"name": call.name, "arguments": call.arguments}} for call in chat.calls_of(message)]
    tool = message.get("role") == "tool"
    return {
        "role": "system" if chat.is_system(message) else message.get("role", "user"),
        "content": "\n".join(part for part in found if isinstance(part, str)),
        **chat.given(
            images=images or None,
            tool_calls=calls or None,
            thinking=message.get("reasoning_content") if calls else None,
            tool_name=names.get(str(message.get("tool_call_id", "")), message.get("name")) if tool else None,
        ),
    }


def _think(body: Json) -> Any:
    """Whether, or how long, the model is to think: Ollama's own field, or OpenAI's effort."""
    if body.get("think") is not None:
        return body["think"]
    effort = body.get("reasoning_effort")
    if effort is None:
        return None
    level = _THINK.get(str(effort), effort)
    return level if any(name in str(body["model"]) for name in _EFFORTS) else level is not False


def _rate(tokens: int, nanoseconds: int | None) -> float | None:
    return round(tokens / nanoseconds * 1e9, 2) if nanoseconds else None
