"""The calls of tools in an answer, put together from the pieces in which they are streamed."""

from typing import Any

from shared.llm.provider import Json


class ToolCalls:
    """All calls so far, and of each what waits to be sent. Pieces and calls are as OpenAI's API has them."""

    def __init__(self) -> None:
        self._calls: dict[int, Json] = {}
        self._pending: dict[int, Json] = {}

    @property
    def calls(self) -> list[Json]:
        """The calls as a message has them: id, type, and `function` with name and arguments."""
        return [{name: value for name, value in call.items() if name != "index"} for call in self._ordered()]

    @property
    def pending(self) -> int:
        """How many characters wait to be sent; 0: nothing does."""
        return sum(1 + len(piece["function"]["arguments"]) for piece in self._pending.values())

    def add(self, pieces: list[Json]) -> None:
        """Takes pieces in; each says by its `index` which call it belongs to."""
        for number, piece in enumerate(pieces):
            index = piece.get("index")
            index = index if isinstance(index, int) else number
            _join(self._calls, index, piece)
            _join(self._pending, index, piece)

    def take(self) -> list[Json]:
        """What is to be sent now, as one piece for each call."""
        pieces, self._pending = [self._pending[index] for index in sorted(self._pending)], {}
        return pieces

    def _ordered(self) -> list[Json]:
        return [self._calls[index] for index in sorted(self._calls)]


def _join(calls: dict[int, Json], index: int, piece: Json) -> None:
    call = calls.setdefault(index, {"index": index, "function": {"arguments": ""}})
    for name, value in piece.items():
        if name not in ("index", "function") and value is not None:
            call[name] = value
    function: dict[str, Any] = piece.get("function") or {}
    if function.get("name"):
        call["function"]["name"] = call["function"].get("name", "") + str(function["name"])
    arguments = function.get("arguments")
    call["function"]["arguments"] += arguments if isinstance(arguments, str) else ""
