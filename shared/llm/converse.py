"""Between OpenAI's chat completions and Amazon Bedrock's Converse API.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
"""

import base64
import binascii
import json
import time
import uuid
from typing import Any

from shared.llm.errors import ProviderError, Trouble
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


def request(body: Json) -> Json:
    """The parameters of Converse for a chat completion's body."""
    system: list[Json] = []
    turns: list[Json] = []
    for message in body.get("messages") or []:
        if message.get("role") in ("system", "developer"):
            system += [block for block in _blocks(message.get("content")) if "text" in block]
        else:
            role, content = _turn(message)
            if turns and turns[-1]["role"] == role:
                turns[-1]["content"] += content
            elif content:
                turns.append({"role": role, "content": content})
    parameters: Json = {"modelId": body["model"], "messages": turns}
    if system:
        parameters["system"] = system
    if inference := _inference(body):
        parameters["inferenceConfig"] = inference
    if tools := _tools(body):
        parameters["toolConfig"] = tools
    return parameters


class Reader:
    """Turns the events of one ConverseStream into `chat.completion.chunk` objects."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._id, self._created = f"chatcmpl-{uuid.uuid4().hex}", int(time.time())
        self._tools: dict[int, int] = {}

    def chunk(self, event: Json) -> Json | None:
        """The chunk for an event, if it stands for one."""
        if "messageStart" in event:
            return self._chunk({"role": "assistant", "content": ""})
        if "contentBlockStart" in event:
            return self._start(event["contentBlockStart"])
        if "contentBlockDelta" in event:
            return self._delta(event["contentBlockDelta"])
        if "messageStop" in event:
            return self._chunk({}, _FINISH.get(event["messageStop"].get("stopReason", ""), "stop"))
        if "metadata" in event:
            return {**self._chunk({}), "choices": [], "usage": usage(event["metadata"].get("usage") or {})}
        return None

    def _start(self, event: Json) -> Json | None:
        tool = event.get("start", {}).get("toolUse")
        if not tool:
            return None
        index = self._tools.setdefault(event["contentBlockIndex"], len(self._tools))
        function = {"name": tool["name"], "arguments": ""}
        return self._chunk(
            {"tool_calls": [{"index": index, "id": tool["toolUseId"], "type": "function", "function": function}]}
        )

    def _delta(self, event: Json) -> Json | None:
        delta = event["delta"]
        if "text" in delta:
            return self._chunk({"content": delta["text"]})
        if text := delta.get("reasoningContent", {}).get("text"):
            return self._chunk({"reasoning_content": text})
        if "toolUse" in delta:
            index = self._tools.setdefault(event["contentBlockIndex"], len(self._tools))
            return self._chunk({"tool_calls": [{"index": index, "function": {"arguments": delta["toolUse"]["input"]}}]})
        return None

    def _chunk(self, delta: Json, finish_reason: str | None = None) -> Json:
        return {
            "id": self._id,
            "object": "chat.completion.chunk",
            "created": self._created,
            "model": self._model,
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}],
        }


def completion(model: str, answer: Json) -> Json:
    """A `chat.completion` object for Converse's answer."""
    content = answer["output"]["message"]["content"]
    message: Json = {"role": "assistant", "content": "".join(block.get("text", "") for block in content)}
    reasoning = [block["reasoningContent"] for block in content if "reasoningContent" in block]
    if reasoning:
        message["reasoning_content"] = "".join(part.get("reasoningText", {}).get("text", "") for part in reasoning)
    calls = [block["toolUse"] for block in content if "toolUse" in block]
    if calls:
        message["tool_calls"] = [
            {
                "id": call["toolUseId"],
                "type": "function",
                "function": {"name": call["name"], "arguments": json.dumps(call["input"])},
            }
            for call in calls
        ]
    finish = _FINISH.get(answer.get("stopReason", ""), "stop")
    return {
        "id": f"chatcmpl-{uuid.uuid4().hex}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": usage(answer.get("usage") or {}),
    }


def usage(counted: Json) -> Json:
    """OpenAI's `usage` for Bedrock's."""
    prompt, answer = counted.get("inputTokens", 0), counted.get("outputTokens", 0)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": answer,
        "total_tokens": counted.get("totalTokens", prompt + answer),
    }


def _turn(message: Json) -> tuple[str, list[Json]]:
    if message.get("role") == "tool":
        result = {"toolUseId": message.get("tool_call_id", ""), "content": _blocks(message.get("content"))}
        return "user", [{"toolResult": result}]
    content = _blocks(message.get("content"))
    for call in message.get("tool_calls") or []:
        function = call["function"]
        tool = {"toolUseId": call["id"], "name": function["name"], "input": json.loads(function["arguments"] or "{}")}
        content.append({"toolUse": tool})
    return ("assistant" if message.get("role") == "assistant" else "user"), content


def _blocks(content: object) -> list[Json]:
    if isinstance(content, str):
        return [{"text": content}] if content else []
    blocks: list[Json] = []
    for part in content if isinstance(content, list) else []:
        if part.get("type") == "text" and part.get("text"):
            blocks.append({"text": part["text"]})
        elif part.get("type") == "image_url":
            blocks.append(_image(part["image_url"]["url"]))
    return blocks


def _image(url: str) -> Json:
    head, _, data = url.partition(";base64,")
    try:
        if not head.startswith("data:image/"):
            raise ValueError(head)
        raw = base64.b64decode(data, validate=True)
    except (ValueError, binascii.Error) as error:
        raise ProviderError(Trouble.REQUEST, "Amazon Bedrock takes images as files only, not as links.") from error
    return {"image": {"format": head.removeprefix("data:image/").replace("jpg", "jpeg"), "source": {"bytes": raw}}}


def _inference(body: Json) -> Json:
    stop = body.get("stop")
    wanted = {
        "maxTokens": body.get("max_completion_tokens") or body.get("max_tokens"),
        "temperature": body.get("temperature"),
        "topP": body.get("top_p"),
        "stopSequences": [stop] if isinstance(stop, str) else stop,
    }
    return {name: value for name, value in wanted.items() if value is not None}


def _tools(body: Json) -> Json | None:
    tools = [
        {
            "toolSpec": {
                "name": tool["function"]["name"],
                **({"description": said} if (said := tool["function"].get("description")) else {}),
                "inputSchema": {"json": tool["function"].get("parameters") or {"type": "object", "properties": {}}},
            }
        }
        for tool in body.get("tools") or []
    ]
    choice: Any = body.get("tool_choice")
    if not tools or choice == "none":
        return None
    config: Json = {"tools": tools}
    if choice == "required":
        config["toolChoice"] = {"any": {}}
    elif isinstance(choice, dict):
        config["toolChoice"] = {"tool": {"name": choice["function"]["name"]}}
    return config
