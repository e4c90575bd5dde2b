"""What the chats routes take and return; the contract's fields, and ours where the description says so."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

# Ids that clients choose. They become parts of DynamoDB keys and S3 keys, so `#`, `/` and spaces are not in them.
ClientId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:@=+-]{1,128}$")]


class Message(BaseModel):
    """One message. Unknown fields are kept as they are."""

    model_config = ConfigDict(extra="allow")

    id: ClientId | None = None
    parentId: ClientId | None = None
    childrenIds: list[str] = Field(default_factory=list, description="Derived from `parentId`; ignored on write.")
    role: str = "user"
    content: str | list[Any] = ""
    timestamp: int | float | None = Field(default=None, description="Seconds since the epoch.")
    model: str | None = None
    models: list[str] | None = None
    modelName: str | None = None
    files: list[Any] | None = None
    done: bool | None = None
    error: Any = None
    usage: dict[str, Any] | None = None
    reasoning_content: str | None = None
    reasoning_duration: int | float | None = Field(default=None, description="Seconds.")
    run: dict[str, Any] | None = Field(default=None, description="{task_id, attempt, state} while an answer runs.")


class ChatForm(BaseModel):
    """A chat to create or to merge into the stored one."""

    chat: dict[str, Any]
    folder_id: ClientId | None = None


class ChatImportForm(ChatForm):
    """A chat from elsewhere, with what belongs to it there. Times in seconds since the epoch."""

    meta: dict[str, Any] | None = Field(default_factory=dict)
    pinned: bool | None = False
    created_at: int | None = Field(default=None, ge=0, lt=10**12)
    updated_at: int | None = Field(default=None, ge=0, lt=10**12)


class ChatTitleIdResponse(BaseModel):
    """A line of a chat list. Times in seconds since the epoch."""

    id: str
    title: str
    updated_at: int
    created_at: int


class ChatResponse(BaseModel):
    """A chat whole. `version` (ours) grows by each write."""

    id: str
    user_id: str
    title: str
    chat: dict[str, Any]
    updated_at: int
    created_at: int
    share_id: str | None = None
    archived: bool
    pinned: bool | None = False
    meta: dict[str, Any] = Field(default_factory=dict)
    folder_id: str | None = None
    version: int = 0


class MessageForm(BaseModel):
    """The new text of a message."""

    content: str


class EventForm(BaseModel):
    """An event for the owner's other connections."""

    type: str
    data: dict[str, Any]


class MessagesForm(BaseModel):
    """Messages to add or change, by id: fields given replace those stored, others stay."""

    messages: dict[ClientId, Message] = Field(default_factory=dict)
    current_id: ClientId | None = Field(default=None, description="The message the chat is open at from now on.")
    remove: list[ClientId] = Field(
        default_factory=list, description="Messages to delete; their children move to the nearest message that is left."
    )


class MessagesResponse(BaseModel):
    """What the chat's head says after a write of messages."""

    updated_at: int
    version: int
    current_id: str | None


class ComposedMessage(Message):
    """A message with what has been streamed of it so far. Lengths in UTF-16 code units (JavaScript's `length`)."""

    length: int
    reasoning_length: int
    seq: int = Field(description="The last streamed event the text contains; -1 before the first, or when none runs.")
    running: bool


class ListedInFolder(BaseModel):
    """A line of the list of a folder's chats."""

    title: str
    id: str
    updated_at: int


class FolderOfChatForm(BaseModel):
    """The folder a chat goes into; null: out of its folder."""

    folder_id: ClientId | None = None


class CloneForm(BaseModel):
    """What the copy is called; otherwise after the original."""

    title: str | None = None


class TagForm(BaseModel):
    """A tag, by its name."""

    name: str


class TagFilterForm(TagForm):
    """Which of the chats with a tag to list."""

    skip: Annotated[int, Field(ge=0, le=10_000_000)] | None = 0
    limit: Annotated[int, Field(ge=1, le=200)] | None = 50


class TagModel(BaseModel):
    """A tag of a person."""

    id: str
    name: str
    user_id: str
    meta: dict[str, Any] | None = None
