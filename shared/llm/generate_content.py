"""Between OpenAI's chat completions and Gemini's generateContent, in the field names of Google's SDK.

https://ai.google.dev/api/generate-content
"""

import base64
import json
import re
import uuid
from typing import TYPE_CHECKING, Any

from shared.llm import chat
from shared.llm.chat import Image, Writer
from shared.llm.errors import ProviderError, Trouble
from shared.llm.provider import Json

if TYPE_CHECKING:
    from google.genai.types import GenerateContentResponse, GenerateContentResponseUsageMetadata, Part

# Models before 2.5 do not think; those of 2.5 are told a budget, later ones a level.
_THINKS = re.compile(r"gemini-(2\.5|[3-9]|\d\d|flash|pro)")
_BUDGETS = {"none": 0, "minimal": 512, "low": 1024, "medium": 8192, "high": 24_576}
_LEVELS = {"none": "MINIMAL", "minimal": "MINIMAL", "low": "LOW", "medium": "MEDIUM", "high": "HIGH"}
_CUT = ("MAX_TOKENS",)
_ENDED = ("STOP", "OTHER", "FINISH_REASON_UNSPECIFIED", "MALFORMED_FUNCTION_CALL", "CONTINUATION")
_PASSED = ("temperature", "top_p", "top_k", "seed", "presence_penalty", "frequency_penalty")


@chat.translation
def request(body: Json) -> Json:
    """`model`, `contents` and `config` of a call for a chat completion's body."""
    model, messages = str(body["model"]), body.get("messages") or []
    system = "\n\n".join(filter(None, (chat.text_of(each.get("content")) for each in messages if chat.is_system(each))))
    wanted, tools = chat.schema(body), _tools(body)
    config = {name: body[name] for name in _PASSED if body.get(name) is not None}
    config |= chat.given(
        system_instruction=system or None,
        max_output_tokens=chat.limit(body),
        stop_sequences=chat.stops(body),
        response_mime_type=None if wanted is None else "application/json",
        response_json_schema=wanted or None,
        tools=tools or None,
        tool_config=_choice(body) if tools else None,
        thinking_config=_thinking(body, model),
    )
    names = {call.id: call.name for message in messages for call in chat.calls_of(message)}
    turns = chat.merged([_turn(message, names) for message in messages if not chat.is_system(message)])
    contents = [{"role": role, "parts": parts} for role, parts in turns]
    return {
        "model": model,
        "contents": contents,
        "config": {**config, "automatic_function_calling": {"disable": True}},
    }


class Reader:
    """Turns the pieces of one answer into `chat.completion.chunk` objects; `ended` once the answer is whole."""

    def __init__(self, model: str) -> None:
        self._writer = Writer(model)
        self._calls = 0
        self._usage: GenerateContentResponseUsageMetadata | None = None
        self.ended = False

    def chunks(self, piece: "GenerateContentResponse") -> list[Json]:
        """The chunks for a piece; raises `ProviderError` for a prompt that was refused."""
        self._usage = piece.usage_metadata or self._usage
        if piece.prompt_feedback and piece.prompt_feedback.block_reason:
            why = piece.prompt_feedback.block_reason.value
            raise ProviderError(Trouble.REQUEST, f"Google refused this conversation ({why}). Word it otherwise.")
        if not piece.candidates:
            return []
        candidate = piece.candidates[0]
        found = (candidate.content.parts if candidate.content else None) or []
        chunks = [chunk for part in found for chunk in self._part(part)]
        if candidate.finish_reason:
            self.ended = True
            reason = candidate.finish_reason.value
            finish = "length" if reason in _CUT else "stop" if reason in _ENDED else "content_filter"
            chunks.append(self._writer.delta("tool_calls" if self._calls and finish == "stop" else finish))
        return chunks

    def usage(self) -> Json | None:
        """The chunk with the tokens counted, at the end."""
        if not (counted := self._usage):
            return None
        thoughts = counted.thoughts_token_count or 0
        answer = (counted.candidates_token_count or 0) + thoughts
        cached = counted.cached_content_token_count
        return self._writer.usage(
            (counted.prompt_token_count or 0) + (counted.tool_use_prompt_token_count or 0),
            answer,
            completion_tokens_details={"reasoning_tokens": thoughts} if thoughts else None,
            prompt_tokens_details={"cached_tokens": cached} if cached else None,
        )

    def _part(self, part: "Part") -> list[Json]:
        if call := part.function_call:
            signature = part.thought_signature
            extra = {"google": {"thought_signature": base64.b64encode(signature).decode()}} if signature else None
            arguments = json.dumps(call.args or {}, ensure_ascii=False)
            call_id = call.id or f"call_{uuid.uuid4().hex[:24]}"
            self._calls += 1
            return [self._writer.call(self._calls - 1, call_id, call.name or "", arguments, extra)]
        if not part.text:
            return []
        return [self._writer.delta(**{"reasoning_content" if part.thought else "content": part.text})]


def _turn(message: Json, names: dict[str, str]) -> tuple[str, list[Json]]:
    if message.get("role") == "tool":
        return "user", [_result(message, names)]
    parts = [_block(part) for part in chat.parts(message.get("content"))]
    if message.get("role") != "assistant":
        return "user", parts
    for call in chat.calls_of(message):
        block: Json = {"function_call": {"id": call.id, "name": call.name, "args": call.arguments}}
        if signature := (call.extra.get("google") or {}).get("thought_signature"):
            block["thought_signature"] = base64.b64decode(signature)
        parts.append(block)
    return "model", parts


def _result(message: Json, names: dict[str, str]) -> Json:
    """What a tool said: an object as it is, anything else below a name."""
    call_id, text = str(message.get("tool_call_id", "")), chat.text_of(message.get("content"))
    try:
        said = json.loads(text)
    except ValueError:
        said = text
    response = said if isinstance(said, dict) else {"output": said}
    name = names.get(call_id) or str(message.get("name") or call_id)
    return {"function_response": {"id": call_id, "name": name, "response": response}}


def _block(part: str | Image) -> Json:
    if isinstance(part, str):
        return {"text": part}
    image = chat.embedded(part, "Google Gemini")
    return {"inline_data": {"mime_type": image.media_type, "data": image.raw}}


def _tools(body: Json) -> list[Json]:
    declared = [
        {"name": tool.name, "description": tool.description, "parameters_json_schema": tool.parameters}
        for tool in chat.tools_of(body)
    ]
    return [{"function_declarations": declared}] if declared else []


def _choice(body: Json) -> Json | None:
    if name := chat.forced_tool(body):
        return {"function_calling_config": {"mode": "ANY", "allowed_function_names": [name]}}
    return {"function_calling_config": {"mode": "ANY"}} if body.get("tool_choice") == "required" else None


def _thinking(body: Json, model: str) -> Any:
    """Thoughts are always asked for, and how many for OpenAI's `reasoning_effort`; `thinking_config` has its way."""
    if body.get("thinking_config") is not None:
        return body["thinking_config"]
    if not _THINKS.match(model):
        return None
    effort = body.get("reasoning_effort")
    if effort not in _LEVELS:
        return {"include_thoughts": True}
    told = (
        {"thinking_budget": _BUDGETS[effort]} if model.startswith("gemini-2.5") else {"thinking_level": _LEVELS[effort]}
    )
    return {"include_thoughts": effort != "none", **told}
