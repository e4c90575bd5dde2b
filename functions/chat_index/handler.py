"""The entry of chat_index, invoked asynchronously: what takes long, or what chat_changes could not do at once."""

import uuid
from typing import TYPE_CHECKING, Any

from functions.chat_index import merging, rebuilding, writing
from functions.chat_index.models import Changes
from shared.chats.search.requests import ask_rebuild
from shared.logs import logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, bool]:
    """Carries out `Changes`; `done` is false when a rebuild has to go on. What fails is delivered again by Lambda."""
    asked = Changes.model_validate(event)

    def seconds_left() -> float:
        return context.get_remaining_time_in_millis() / 1000

    done = True
    if asked.rebuild:
        run = asked.run or uuid.uuid4().hex
        done = rebuilding.rebuild(asked.user_id, run, seconds_left)
        if not (done or asked.attended):
            ask_rebuild(asked.user_id, run)
    else:
        void = writing.write(asked.user_id, asked.chats, seconds_left).void if asked.chats else {}
        merging.erase(asked.user_id, {**asked.void, **void})
        merging.merge_if_due(asked.user_id)
    logger().info(
        "indexed",
        extra={"user_id": asked.user_id, "chats": len(asked.chats), "rebuild": asked.rebuild, "done": done},
    )
    return {"done": done}
