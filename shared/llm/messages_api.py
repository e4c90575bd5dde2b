"""Between OpenAI's chat completions and Anthropic's Messages API.

https://platform.claude.com/docs/en/api/messages
"""

import json
import re
from typing import Any

from shared.llm import chat
from shared.llm.chat import Image, Writer
from shared.llm.provider import Json

_FINISH = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}
# How long an answer may be where nobody said; the API demands a number, and each generation has its highest.
_LIMITS = ((re.compile(r"claude-(2|instant|3-(opus|sonnet|haiku))"), 4096), (re.compile(r"claude-3-5"), 8192))
LIMIT = 32_000
# Which models do not think, and which are told a budget; all later ones decide by themselves, by effort.
_NO_THINKING = re.compile(r"claude-(2|instant|3(?!-7))")
_BUDGET = re.compile(r"claude-(3-7|(opus|sonnet|haiku)-4(-[0-5])?(-20\d{6})?$)")
_BUDGETS = {"minimal": 1024, "low": 2048, "medium": 8192, "high": 16_384, "xhigh": 24_576, "max": 24_576}
_PASSED = ("top_k", "metadata", "thinking", "output_config", "service_tier")


@chat.translation
def request(body: Json) -> Json:
    """The parameters of /v1/messages for a chat completion's body."""
    messages, model = body.get("messages") or [], str(body["model"])
    limit = chat.limit(body) or next((most for named, most in _LIMITS if named.match(model)), LIMIT)
    thinking = _thinking(body, model, messages)
    parameters: Json = {
        "model": model,
        "max_tokens": limit,
        "messages": _turns(messages, signed="thinking" in thinking),
        **{name: body[name] for name in _PASSED if body.get(name) is not None},
        **thinking,
    }
    system = "\n\n".join(filter(None, (chat.text_of(each.get("content")) for each in messages if chat.is_system(each))))
    parameters |= chat.given(system=system or None, stop_sequences=chat.stops(body), tools=_tools(body) or None)
    if wanted := chat.schema(body):
        output = parameters.get("output_config") or {}
        parameters["output_config"] = {**output, "format": {"type": "json_schema", "schema": wanted}}
    if parameters.get("thinking", {}).get("type") in (None, "disabled"):
        # While it thinks, the model takes neither of them.
        parameters |= chat.given(temperature=_temperature(body), tool_choice=_choice(body))
        if "temperature" not in parameters:
            parameters |= chat.given(top_p=body.get("top_p"))
    budget = parameters.get("thinking", {}).get("budget_tokens", 0)
    if budget >= parameters["max_tokens"]:
        parameters["max_tokens"] = budget + limit
    return parameters


class Reader:
    """Turns the events of one stream into `chat.completion.chunk` objects."""

    def __init__(self, model: str) -> None:
        self._writer = Writer(model)
        self._calls: dict[int, int] = {}
        self._thinking: Json = {}
        self._usage: Json = {}

    def chunks(self, event: Json) -> list[Json]:
        """The chunks for an event."""
        match event.get("type"):
            case "message_start":
                self._usage |= event["message"].get("usage") or {}
                return [self._writer.delta(role="assistant", content="")]
            case "content_block_start":
                return self._start(event["index"], event["content_block"])
            case "content_block_delta":
                return self._delta(event["index"], event["delta"])
            case "content_block_stop":
                details, self._thinking = self._thinking, {}
                return [self._writer.delta(reasoning_details=[details])] if details else []
            case "message_delta":
                self._usage |= chat.given(**(event.get("usage") or {}))
                reason = event["delta"].get("stop_reason")
                return [self._writer.delta(_FINISH.get(reason, "stop"))] if reason else []
            case "message_stop":
                return [self._counted()]
        return []

    def _start(self, index: int, block: Json) -> list[Json]:
        if block["type"] == "tool_use":
            self._calls[index] = len(self._calls)
            return [self._writer.call(self._calls[index], block["id"], block["name"])]
        if block["type"] in ("thinking", "redacted_thinking"):
            self._thinking = dict(block)
        return [self._writer.delta(content=block["text"])] if block["type"] == "text" and block.get("text") else []

    def _delta(self, index: int, delta: Json) -> list[Json]:
        match delta["type"]:
            case "text_delta":
                return [self._writer.delta(content=delta["text"])]
            case "thinking_delta":
                self._thinking["thinking"] = self._thinking.get("thinking", "") + delta["thinking"]
                return [self._writer.delta(reasoning_content=delta["thinking"])]
            case "signature_delta":
                self._thinking["signature"] = self._thinking.get("signature", "") + delta["signature"]
            case "input_json_delta" if delta["partial_json"]:
                return [self._writer.arguments(self._calls[index], delta["partial_json"])]
        return []

    def _counted(self) -> Json:
        usage = self._usage
        read, written = usage.get("cache_read_input_tokens") or 0, usage.get("cache_creation_input_tokens") or 0
        details = {"cached_tokens": read, "cache_creation_tokens": written} if read or written else None
        prompt = (usage.get("input_tokens") or 0) + read + written
        return self._writer.usage(prompt, usage.get("output_tokens") or 0, prompt_tokens_details=details)


def _turns(messages: list[Json], *, signed: bool) -> list[Json]:
    turns = [_turn(message, signed) for message in messages if not chat.is_system(message)]
    return [{"role": role, "content": content} for role, content in chat.merged(turns)]


def _turn(message: Json, signed: bool) -> tuple[str, list[Json]]:
    blocks = [_block(part) for part in chat.parts(message.get("content"))]
    if message.get("role") == "tool":
        return "user", [{"type": "tool_result", "tool_use_id": message.get("tool_call_id", ""), "content": blocks}]
    if message.get("role") != "assistant":
        return "user", blocks
    calls = [
        {"type": "tool_use", "id": call.id, "name": call.name, "input": call.arguments}
        for call in chat.calls_of(message)
    ]
    if calls and signed:
        blocks = _thoughts(message) + blocks
    # The API refuses an answer to go on from that ends with white space.
    if blocks and not calls and blocks[-1]["type"] == "text":
        blocks[-1] = {**blocks[-1], "text": blocks[-1]["text"].rstrip()}
    return "assistant", [block for block in blocks if block.get("text") != ""] + calls


def _thoughts(message: Json) -> list[Json]:
    """The thinking of an earlier turn, which the API wants back, signed, with the tool calls it led to."""
    details = message.get("reasoning_details") or []
    return [each for each in details if each.get("type") in ("thinking", "redacted_thinking")]


def _block(part: str | Image) -> Json:
    if isinstance(part, str):
        return {"type": "text", "text": part}
    if part.link:
        return {"type": "image", "source": {"type": "url", "url": part.link}}
    return {"type": "image", "source": {"type": "base64", "media_type": part.media_type, "data": part.data}}


def _thinking(body: Json, model: str, messages: list[Json]) -> Json:
    """How the model is to think, for OpenAI's `reasoning_effort`."""
    effort = body.get("reasoning_effort")
    if "thinking" in body or not effort or _NO_THINKING.match(model):
        return {}
    if effort == "none":
        return {"thinking": {"type": "disabled"}}
    under_way = [each for each in _since_question(messages) if each.get("tool_calls")]
    if any(not _thoughts(message) for message in under_way):
        return {}  # these calls were made without thinking, so the turn ends without
    if _BUDGET.match(model):
        return {"thinking": {"type": "enabled", "budget_tokens": _BUDGETS.get(effort, _BUDGETS["medium"])}}
    level = "low" if effort == "minimal" else effort
    output = {**(body.get("output_config") or {}), "effort": level}
    return {"thinking": {"type": "adaptive", "display": "summarized"}, "output_config": output}


def _since_question(messages: list[Json]) -> list[Json]:
    last = max((number for number, each in enumerate(messages) if each.get("role") == "user"), default=-1)
    return messages[last + 1 :]


def _temperature(body: Json) -> float | None:
    """Anthropic's temperature ends at 1."""
    return None if body.get("temperature") is None else min(float(body["temperature"]), 1.0)


def _tools(body: Json) -> list[Json]:
    return [
        {"name": tool.name, "description": tool.description, "input_schema": tool.parameters}
        for tool in chat.tools_of(body)
    ]


def _choice(body: Json) -> Any:
    if not chat.tools_of(body):
        return None
    if name := chat.forced_tool(body):
        return {"type": "tool", "name": name}
    return {"type": "any"} if body.get("tool_choice") == "required" else None


def words(body: object) -> tuple[str, str]:
    """Type and message of the API's error object, which may come as text."""
    if isinstance(body, str):
        try:
            body = json.loads(body)
        except ValueError:
            return "", ""
    error = body.get("error") if isinstance(body, dict) else None
    return (str(error.get("type", "")), str(error.get("message", ""))) if isinstance(error, dict) else ("", "")
