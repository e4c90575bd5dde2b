"""The body of a completion on its way to the provider: what is ours comes off, what the person set is applied."""

from collections.abc import Mapping
from typing import Any

from shared import prompting
from shared.json_input import mended
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


def upstream(body: Mapping[str, Any], model: str, params: Mapping[str, Any], *, open_model: bool = False) -> Json:
    """The provider's body: unchanged but for the model's own name, our fields, and the parameters of all levels.

    Half an emoji, which what was stored earlier may have, is mended: no provider takes it.
    """
    given = {key: value for key, value in body.items() if key not in OURS}
    whole = mended(prompting.upstream(given, params, open_model=open_model))
    return with_length_limit({**whole, "model": model})


def with_length_limit(body: Json) -> Json:
    """`max_tokens` under the name that the model knows it by: OpenAI's reasoning models take only the newer one."""
    model = str(body.get("model", "")).lower().rpartition("/")[2]
    if model.startswith(("o1", "o3", "o4", "gpt-5")) and "max_tokens" in body:
        limit = body.pop("max_tokens")
        body.setdefault("max_completion_tokens", limit)
    return body
