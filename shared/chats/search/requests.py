"""Asking the writer of the shards for a rebuild, which goes on in the background."""

import json

from shared.settings import settings
from shared.storage.aws import lambda_client


def ask_rebuild(user_id: str, run: str = "") -> None:
    """Has a person's shelf built from the table; `run` names a rebuild that is to be gone on with."""
    asked = {"user_id": user_id, "rebuild": True, "run": run}
    function = settings().require("chat_index_function")
    lambda_client().invoke(FunctionName=function, InvocationType="Event", Payload=json.dumps(asked).encode())
