"""The entry: `embed` and `rank` are called and waited for, `fetch` is an event."""

from typing import TYPE_CHECKING, Any

from shared.retrieval.local_models import checked_name

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """What a task comes to; `{"status": "missing"}` for a model that has to be fetched first, `{"error": …}` in words.

    embed: `texts` → `dimension`, `vectors` (base64 of 32-bit floats, little-endian, row after row).
    rank: `query`, `texts` → `scores` from 0 to 1.
    """
    model = checked_name(str(event.get("model", "")))
    if event.get("task") == "fetch":
        from functions.embedder import fetching

        return fetching.fetch(model)
    from functions.embedder import service

    if event.get("task") == "rank":
        return service.rank(model, str(event.get("query", "")), _texts(event))
    return service.embed(model, _texts(event))


def _texts(event: dict[str, Any]) -> list[str]:
    return [str(text) for text in event.get("texts") or []]
