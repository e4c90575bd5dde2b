"""The same answer, the same failures, in the words of each protocol, as its service sends them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx2

from shared.llm.anthropic import Anthropic
from shared.llm.azure import Azure
from shared.llm.gemini import Gemini
from shared.llm.ollama import Ollama
from shared.llm.openai_compatible import Endpoint, OpenAICompatible
from shared.llm.provider import Provider
from tests.support.recorded import Json, Recording, lines, sse

EVENTS, JSON_LINES = "text/event-stream; charset=utf-8", "application/x-ndjson"


@dataclass(frozen=True)
class Dialect:
    """A provider and its protocol: an answer with all there can be, how it breaks off, its error objects."""

    name: str
    make: Callable[[Endpoint, httpx2.AsyncClient], Provider]
    answer: bytes
    content_type: str
    cut_at: bytes
    """The answer breaks off before this."""
    error: Callable[[int, str], Json]
    models: Json
    error_in_stream: bytes

    def whole(self) -> Recording:
        """The whole answer."""
        return Recording(self.answer, content_type=self.content_type)

    def broken(self, then: Exception | None) -> Recording:
        """The first part of the answer; then the end, or an error."""
        return Recording(self.answer[: self.answer.index(self.cut_at)], content_type=self.content_type, then=then)


def _openai(delta: Json, finish: str | None = None) -> Json:
    return {"id": "c", "object": "chat.completion.chunk", "choices": [_choice(delta, finish)]}


def _choice(delta: Json, finish: str | None) -> Json:
    return {"index": 0, "delta": delta, "finish_reason": finish}


CALL = {"index": 0, "id": "t1", "type": "function", "function": {"name": "clock", "arguments": ""}}
OPENAI = sse(
    _openai({"role": "assistant", "content": ""}),
    _openai({"reasoning_content": "Hm"}),
    _openai({"reasoning_content": "m"}),
    _openai({"content": "Grüße "}),
    _openai({"content": "👋🏽"}),
    _openai({"tool_calls": [CALL]}),
    _openai({"tool_calls": [{"index": 0, "function": {"arguments": '{"zone": '}}]}),
    _openai({"tool_calls": [{"index": 0, "function": {"arguments": '"Zürich"}'}}]}),
    _openai({}, "tool_calls"),
    {"id": "c", "choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}},
    done=True,
)


def _message(**fields: Any) -> Json:
    return {
        "model": "m",
        "message": {"role": "assistant", **fields},
        "done": False,
    }


OLLAMA = lines(
    _message(content="", thinking="Hm"),
    _message(content="", thinking="m"),
    _message(content="Grüße "),
    _message(content="👋🏽"),
    _message(content="", tool_calls=[{"function": {"name": "clock", "arguments": {"zone": "Zürich"}}}]),
    {
        **_message(content=""),
        "done": True,
        "done_reason": "stop",
        "total_duration": 2_000_000_000,
        "load_duration": 1,
        "prompt_eval_count": 3,
        "prompt_eval_duration": 1_000_000,
        "eval_count": 4,
        "eval_duration": 1_000_000_000,
    },
)


def _start(index: int, block: Json) -> Json:
    return {"type": "content_block_start", "index": index, "content_block": block}


def _block(index: int, kind: str, **delta: Any) -> Json:
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, **delta}}


ANTHROPIC = sse(
    {
        "type": "message_start",
        "message": {"id": "msg_1", "role": "assistant", "usage": {"input_tokens": 3, "output_tokens": 1}},
    },
    _start(0, {"type": "thinking", "thinking": "", "signature": ""}),
    {"type": "ping"},
    _block(0, "thinking_delta", thinking="Hm"),
    _block(0, "thinking_delta", thinking="m"),
    _block(0, "signature_delta", signature="sealed"),
    {"type": "content_block_stop", "index": 0},
    _start(1, {"type": "text", "text": ""}),
    _block(1, "text_delta", text="Grüße "),
    _block(1, "text_delta", text="👋🏽"),
    {"type": "content_block_stop", "index": 1},
    _start(2, {"type": "tool_use", "id": "t1", "name": "clock", "input": {}}),
    _block(2, "input_json_delta", partial_json=""),
    _block(2, "input_json_delta", partial_json='{"zone": '),
    _block(2, "input_json_delta", partial_json='"Zürich"}'),
    {"type": "content_block_stop", "index": 2},
    {
        "type": "message_delta",
        "delta": {"stop_reason": "tool_use", "stop_sequence": None},
        "usage": {"output_tokens": 4},
    },
    {"type": "message_stop"},
    named=True,
)


def _piece(part: Json, **more: Any) -> Json:
    return {"candidates": [{"content": {"role": "model", "parts": [part]}, "index": 0, **more}]}


GEMINI_CALL = {
    "functionCall": {"id": "t1", "name": "clock", "args": {"zone": "Zürich"}},
    "thoughtSignature": "c2VhbGVk",
}
GEMINI = sse(
    _piece({"text": "Hm", "thought": True}),
    _piece({"text": "m", "thought": True}),
    _piece({"text": "Grüße "}),
    _piece({"text": "👋🏽"}),
    {
        **_piece(GEMINI_CALL, finishReason="STOP"),
        "usageMetadata": {
            "promptTokenCount": 3,
            "candidatesTokenCount": 3,
            "thoughtsTokenCount": 1,
            "totalTokenCount": 7,
        },
        "modelVersion": "m",
        "responseId": "r",
        "somethingNew": {"that": "this version of the SDK does not know"},
    },
)

_GOOGLE = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
}
_CLAUDE = {
    400: "invalid_request_error",
    401: "authentication_error",
    404: "not_found_error",
    429: "rate_limit_error",
    500: "api_error",
    529: "overloaded_error",
}


def _openai_error(status: int, said: str) -> Json:
    return {"error": {"message": said, "type": "error", "code": None}}


def _anthropic_error(status: int, said: str) -> Json:
    return {"type": "error", "error": {"type": _CLAUDE.get(status, "api_error"), "message": said}}


def _gemini_error(status: int, said: str) -> Json:
    return {"error": {"code": status, "message": said, "status": _GOOGLE.get(status, "INTERNAL")}}


DIALECTS = [
    Dialect(
        name="openai",
        make=OpenAICompatible,
        answer=OPENAI,
        content_type=EVENTS,
        cut_at=b'data: {"id": "c", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"tool_calls"',
        error=_openai_error,
        models={"object": "list", "data": [{"id": "one", "object": "model"}]},
        error_in_stream=sse(
            _openai({"content": "Grüße "}), {"error": {"message": "slow down", "code": "rate_limit_exceeded"}}
        ),
    ),
    Dialect(
        name="azure",
        make=lambda endpoint, client: Azure(endpoint, client=client),
        answer=sse({"choices": [], "prompt_filter_results": [{"prompt_index": 0}]}) + OPENAI,
        content_type=EVENTS,
        cut_at=b'data: {"id": "c", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"tool_calls"',
        error=_openai_error,
        models={"data": [{"id": "one", "model": "gpt-5", "status": "succeeded"}, {"id": "two", "status": "failed"}]},
        error_in_stream=sse(_openai({"content": "Grüße "}), {"error": {"message": "slow down", "code": "429"}}),
    ),
    Dialect(
        name="ollama",
        make=Ollama,
        answer=OLLAMA,
        content_type=JSON_LINES,
        cut_at=b'{"model": "m", "message": {"role": "assistant", "content": "", "tool_calls"',
        error=lambda status, said: {"error": said},
        models={"models": [{"name": "one", "model": "one", "size": 1, "details": {"family": "llama"}}]},
        error_in_stream=lines(_message(content="Grüße "), {"error": "too many tokens in the prompt"}),
    ),
    Dialect(
        name="anthropic",
        make=Anthropic,
        answer=ANTHROPIC,
        content_type=EVENTS,
        cut_at=b'event: content_block_start\ndata: {"type": "content_block_start", "index": 2',
        error=_anthropic_error,
        models={
            "data": [
                {"id": "one", "type": "model", "display_name": "One", "lifecycle": "active"},
                {"id": "old", "type": "model", "display_name": "Old", "lifecycle": "retired"},
            ]
        },
        error_in_stream=sse(
            {"type": "message_start", "message": {"usage": {}}},
            _block(0, "text_delta", text="Grüße "),
            _anthropic_error(529, "Overloaded"),
            named=True,
        ),
    ),
    Dialect(
        name="gemini",
        make=Gemini,
        answer=GEMINI,
        content_type=EVENTS,
        cut_at=b'data: {"candidates": [{"content": {"role": "model", "parts": [{"functionCall"',
        error=_gemini_error,
        models={
            "models": [
                {"name": "models/one", "displayName": "One", "supportedGenerationMethods": ["generateContent"]},
                {"name": "models/other", "supportedGenerationMethods": ["predict"]},
            ]
        },
        error_in_stream=sse(_piece({"text": "Grüße "}), _gemini_error(503, "The model is overloaded.")),
    ),
]
