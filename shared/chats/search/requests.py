"""Asking the writer of the shards for a rebuild, which goes on in the background."""

import json
import time

from shared.settings import settings
from shared.storage.aws import lambda_client

# A search that finds the index wanting asks, and people search as they type: once is enough for a while.
EVERY_SECONDS = 60.0
_KEPT = 10_000

_asked: dict[str, float] = {}


def ask_rebuild_once(user_id: str) -> None:
    """As `ask_rebuild`, unless this process has asked for the same a short while ago."""
    if time.monotonic() - _asked.get(user_id, -EVERY_SECONDS) < EVERY_SECONDS:
        return
    if len(_asked) > _KEPT:
        _asked.clear()
    _asked[user_id] = time.monotonic()
    ask_rebuild(user_id)


def ask_rebuild(user_id: str, run: str = "") -> None:
    """Has a person's shelf built from the table; `run` names a rebuild that is to be gone on with."""
    asked = {"user_id": user_id, "rebuild": True, "run": run}
    function = settings().require("chat_index_function")
    lambda_client().invoke(FunctionName=function, InvocationType="Event", Payload=json.dumps(asked).encode())
