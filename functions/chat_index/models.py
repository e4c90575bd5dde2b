"""What the chat index is asked to do."""

from pydantic import BaseModel, Field


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
