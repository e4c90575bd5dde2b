"""The entry of chat_index, invoked asynchronously: what takes long, or what chat_changes could not do at once."""

import uuid
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field

from functions.chat_index import merging, rebuilding, writing
from shared.chats.search.requests import ask_rebuild
from shared.logs import logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


class Changes(BaseModel):
    """What is to be done on a person's shelf; its older shards are merged too, where that is due.

    `chats`: messages to be indexed by chat (without any: what is known of the chat itself). `void`: what older shards
    may still have of what is gone (None: all of a chat).
    `rebuild`: all their chats, from the table; `run` names the rebuild, which goes on where one of that name ended.
    `attended`: whoever asks for a rebuild waits for the answer and asks again; otherwise it goes on by itself.
    """

    user_id: str
    chats: dict[str, list[str]] = Field(default_factory=dict)
    void: dict[str, list[str] | None] = Field(default_factory=dict)
    rebuild: bool = False
    run: str = ""
    attended: bool = False


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
