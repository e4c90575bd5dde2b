"""The body of a completion on its way to the provider: what is ours comes off, what the person set is applied."""

from collections.abc import Mapping
from typing import Any

from shared.llm.provider import Json

# Fields of the contract's /api/chat/completions that are not the provider's.
OURS = frozenset(
    {
        "attempt",
        "background_tasks",
        "chat_id",
        "features",
        "files",
        "filter_ids",
        "id",
        "metadata",
        "model_item",
        "params",
        "parent_id",
        "session_id",
        "tool_ids",
        "tool_servers",
        "variables",
    }
)

# Parameters that people set in a chat, as they are in the contract's `params`, and that OpenAI's API takes.
_PARAMETERS = (
    "temperature",
    "top_p",
    "min_p",
    "max_tokens",
    "frequency_penalty",
    "presence_penalty",
    "reasoning_effort",
    "seed",
    "response_format",
    "logit_bias",
)


def upstream(body: Mapping[str, Any], model: str) -> Json:
    """The provider's body: unchanged but for the model's own name, our fields, and the person's parameters."""
    params = body.get("params") or {}
    result = {key: value for key, value in body.items() if key not in OURS}
    result |= {key: params[key] for key in _PARAMETERS if params.get(key) is not None}
    if stop := params.get("stop"):
        result["stop"] = [stop] if isinstance(stop, str) else stop
    result |= params.get("custom_params") or {}
    result["model"] = model
    return with_length_limit(result)


def with_length_limit(body: Json) -> Json:
    """`max_tokens` under the name that the model knows it by: OpenAI's reasoning models take only the newer one."""
    model = str(body.get("model", "")).lower().rpartition("/")[2]
    if model.startswith(("o1", "o3", "o4", "gpt-5")) and "max_tokens" in body:
        limit = body.pop("max_tokens")
        body.setdefault("max_completion_tokens", limit)
    return body


def with_system(messages: list[Json], system: str | None, variables: Mapping[str, Any]) -> list[Json]:
    """The messages with a system prompt in front, unless they have one; `{{VARIABLES}}` in it filled in."""
    if system and not any(message.get("role") in ("system", "developer") for message in messages):
        messages = [{"role": "system", "content": system}, *messages]
    return [_filled(message, variables) if message.get("role") == "system" else message for message in messages]


def _filled(message: Json, variables: Mapping[str, Any]) -> Json:
    content = message.get("content")
    if not isinstance(content, str):
        return message
    for name, value in variables.items():
        content = content.replace(name, str(value))
    return {**message, "content": content}
