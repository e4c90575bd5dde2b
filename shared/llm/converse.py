"""Between OpenAI's chat completions and Amazon Bedrock's Converse API.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
"""

import base64
import re
from typing import Any

from shared.llm import chat
from shared.llm.chat import Image, Writer
from shared.llm.provider import Json

_FINISH = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "tool_use": "tool_calls",
    "content_filtered": "content_filter",
    "guardrail_intervened": "content_filter",
    "model_context_window_exceeded": "length",
}
# Claude on Bedrock is told how to think in the terms of Anthropic's own API, by budget or, later models, by effort.
_CLAUDE = re.compile(r"anthropic\.claude-(?!2|instant|3-5|3-(opus|sonnet|haiku))")
_BUDGET = re.compile(r"claude-(3-7|(opus|sonnet|haiku)-4(-[0-5])?-20)")
_BUDGETS = {"minimal": 1024, "low": 2048, "medium": 8192, "high": 16_384, "xhigh": 24_576}
ANSWER_TOKENS = 8192
"""What a thinking model may write beside its thoughts where nobody said."""


@chat.translation
def request(body: Json) -> Json:
    """The parameters of Converse for a chat completion's body."""
    messages = body.get("messages") or []
    turns = chat.merged([_turn(message) for message in messages if not chat.is_system(message)])
    parameters: Json = {
        "modelId": body["model"],
        "messages": [{"role": role, "content": content} for role, content in turns],
    }
    system = [block for each in messages if chat.is_system(each) for block in _blocks(each.get("content"))]
    thinking = _thinking(body)
    more = {**chat.given(top_k=body.get("top_k")), **thinking, **(body.get("additional_model_request_fields") or {})}
    parameters |= chat.given(
        system=system or None,
        inferenceConfig=_inference(body, thinking) or None,
        toolConfig=_tools(body, forced=not thinking),
        additionalModelRequestFields=more or None,
    )
    return parameters


class Reader:
    """Turns the events of one ConverseStream into `chat.completion.chunk` objects."""

    def __init__(self, model: str) -> None:
        self._writer = Writer(model)
        self._tools: dict[int, int] = {}
        self._thoughts: dict[int, Json] = {}

    def chunk(self, event: Json) -> Json | None:
        """The chunk for an event, if it stands for one."""
        match event:
            case {"messageStart": _}:
                return self._writer.delta(role="assistant", content="")
            case {"contentBlockStart": {"contentBlockIndex": index, "start": {"toolUse": tool}}}:
                number = self._tools.setdefault(index, len(self._tools))
                return self._writer.call(number, tool["toolUseId"], tool["name"])
            case {"contentBlockDelta": {"contentBlockIndex": index, "delta": delta}}:
                return self._delta(index, delta)
            case {"contentBlockStop": {"contentBlockIndex": index}} if index in self._thoughts:
                return self._writer.delta(reasoning_details=[self._thoughts.pop(index)])
            case {"messageStop": stop}:
                return self._writer.delta(_FINISH.get(stop.get("stopReason", ""), "stop"))
            case {"metadata": metadata}:
                return self._usage(metadata.get("usage") or {})
        return None

    def _delta(self, index: int, delta: Json) -> Json | None:
        if "text" in delta:
            return self._writer.delta(content=delta["text"])
        if reasoning := delta.get("reasoningContent"):
            thought = self._thoughts.setdefault(index, {"type": "thinking", "thinking": ""})
            thought["thinking"] += reasoning.get("text", "")
            if signature := reasoning.get("signature"):
                thought["signature"] = signature
            if sealed := reasoning.get("redactedContent"):
                self._thoughts[index] = {"type": "redacted_thinking", "data": base64.b64encode(sealed).decode()}
            return self._writer.delta(reasoning_content=reasoning["text"]) if reasoning.get("text") else None
        if "toolUse" in delta:
            number = self._tools.setdefault(index, len(self._tools))
            return self._writer.arguments(number, delta["toolUse"]["input"])
        return None

    def _usage(self, counted: Json) -> Json:
        read, written = counted.get("cacheReadInputTokens") or 0, counted.get("cacheWriteInputTokens") or 0
        details = {"cached_tokens": read, "cache_creation_tokens": written} if read or written else None
        prompt = counted.get("inputTokens", 0) + read + written
        return self._writer.usage(prompt, counted.get("outputTokens", 0), prompt_tokens_details=details)


def _turn(message: Json) -> tuple[str, list[Json]]:
    if message.get("role") == "tool":
        result = {"toolUseId": message.get("tool_call_id", ""), "content": _blocks(message.get("content"))}
        return "user", [{"toolResult": result}]
    content = _blocks(message.get("content"))
    if message.get("role") != "assistant":
        return "user", content
    calls = [
        {"toolUse": {"toolUseId": call.id, "name": call.name, "input": call.arguments}}
        for call in chat.calls_of(message)
    ]
    # Claude wants its thoughts back, signed, with the tool calls they led to.
    return "assistant", (_thoughts(message) if calls else []) + content + calls


def _thoughts(message: Json) -> list[Json]:
    blocks: list[Json] = []
    for detail in message.get("reasoning_details") or []:
        if detail.get("type") == "thinking" and detail.get("signature"):
            text = {"text": detail.get("thinking", ""), "signature": detail["signature"]}
            blocks.append({"reasoningContent": {"reasoningText": text}})
        elif detail.get("type") == "redacted_thinking":
            blocks.append({"reasoningContent": {"redactedContent": base64.b64decode(detail["data"])}})
    return blocks


def _blocks(content: object) -> list[Json]:
    return [_block(part) for part in chat.parts(content)]


def _block(part: str | Image) -> Json:
    if isinstance(part, str):
        return {"text": part}
    image = chat.embedded(part, "Amazon Bedrock")
    return {"image": {"format": image.media_type.removeprefix("image/"), "source": {"bytes": image.raw}}}


def _thinking(body: Json) -> Json:
    """How Claude is to think, for OpenAI's `reasoning_effort`; other models are asked as they are."""
    effort, model = body.get("reasoning_effort"), str(body["model"])
    if not effort or effort == "none" or not _CLAUDE.search(model):
        return {}
    messages = body.get("messages") or []
    last = max((number for number, each in enumerate(messages) if each.get("role") == "user"), default=-1)
    if any(each.get("tool_calls") and not _thoughts(each) for each in messages[last + 1 :]):
        return {}  # these calls were made without thinking, so the turn ends without
    if _BUDGET.search(model):
        return {"thinking": {"type": "enabled", "budget_tokens": _BUDGETS.get(effort, _BUDGETS["medium"])}}
    level = "low" if effort == "minimal" else effort
    return {"thinking": {"type": "adaptive"}, "output_config": {"effort": level}}


def _inference(body: Json, thinking: Json) -> Json:
    limit = chat.limit(body)
    if budget := thinking.get("thinking", {}).get("budget_tokens"):
        limit = budget + (limit or ANSWER_TOKENS)
    free = not thinking  # while it thinks, the model takes neither of them
    return chat.given(
        maxTokens=limit,
        temperature=body.get("temperature") if free else None,
        topP=body.get("top_p") if free else None,
        stopSequences=chat.stops(body),
    )


def _tools(body: Json, *, forced: bool) -> Json | None:
    tools = [
        {
            "toolSpec": {
                "name": tool.name,
                **({"description": tool.description} if tool.description else {}),
                "inputSchema": {"json": tool.parameters},
            }
        }
        for tool in chat.tools_of(body)
    ]
    if not tools:
        return None
    config: dict[str, Any] = {"tools": tools}
    if forced and (name := chat.forced_tool(body)):
        config["toolChoice"] = {"tool": {"name": name}}
    elif forced and body.get("tool_choice") == "required":
        config["toolChoice"] = {"any": {}}
    return config
