"""Requests and answers of the inference function."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Open(BaseModel):
    """An object whose other fields pass through unchanged."""

    model_config = ConfigDict(extra="allow")


class CompletionForm(Open):
    """A chat completion: OpenAI's fields, and the contract's for an answer that comes by the socket."""

    model: str = Field(description="The model's id, as /api/models lists it.")
    messages: list[dict[str, Any]] | None = Field(
        None, description="The conversation. Beside session_id it may be absent: then the stored branch counts."
    )
    stream: bool | None = None
    session_id: str | None = Field(None, description="With chat_id and id: answer over the socket, as a task.")
    chat_id: str | None = Field(None, description="The chat; `local:…` for a temporary one that is never stored.")
    id: str | None = Field(None, description="The id of the message that the answer becomes.")
    attempt: int | None = Field(None, ge=1, lt=10**6, description="Which attempt at this message; each runs once.")
    params: dict[str, Any] | None = Field(None, description="Parameters of the chat: system, temperature, stop, …")
    variables: dict[str, Any] | None = Field(None, description="Variables of prompts, such as {{CURRENT_TIMEZONE}}.")
    background_tasks: dict[str, Any] | None = Field(
        None, description="What is wanted beside: title_generation, tags_generation, follow_up_generation."
    )

    @property
    def is_task(self) -> bool:
        """Whether the answer is to come over the socket."""
        return bool(self.session_id and self.chat_id and self.id)

    def body(self) -> dict[str, Any]:
        """The body as it came."""
        return self.model_dump(exclude_unset=True)


class TaskStarted(BaseModel):
    """The answer has been asked for; it comes over the socket."""

    status: Literal[True] = True
    task_id: str


class TaskList(BaseModel):
    """The caller's tasks."""

    tasks: list[str]


class ChatTasks(BaseModel):
    """The tasks of one chat."""

    task_ids: list[str]


class Stopped(BaseModel):
    """A task ends at its next flush."""

    status: Literal[True] = True
    message: str


class ListedModel(Open):
    """A model; also OpenAI's `model` object."""

    id: str
    name: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str
    urlIdx: int | None = None
    connection_type: str | None = None
    tags: list[dict[str, Any]]
    info: dict[str, Any] | None = Field(None, description="The preset, or what an admin changed of the model.")
    missing_base: str | None = Field(None, description="The base model of this preset, which is not there any more.")


class ListingTrouble(BaseModel):
    """A connection whose models could not be listed; only admins see these."""

    urlIdx: int = Field(description="Its place among the connections, or among the servers of Ollama.")
    url: str
    detail: str
    provider: str


class ModelList(BaseModel):
    """Models that the caller may use."""

    object: Literal["list"] = "list"
    data: list[ListedModel]
    errors: list[ListingTrouble] | None = None


class ProcessStatus(BaseModel):
    """How far a file is, and of a failed one why."""

    status: Literal["pending", "completed", "failed"]
    error: str | None = None


class VerifyForm(BaseModel):
    """A connection to try out. A masked key stands for the stored one of the same address."""

    url: str
    key: str
    config: dict[str, Any] | None = None


class UpstreamModels(Open):
    """A provider's own list."""

    object: str = "list"
    data: list[dict[str, Any]]


class EmbeddingForm(Open):
    """OpenAI's request for embeddings."""

    model: str
    input: str | list[str] | list[int] | list[list[int]]


class TaskForm(Open):
    """A task beside the answers. `model` is the chat's; an admin may have another one do it."""

    model: str = Field(description="The model's id, as /api/models lists it.")
    messages: list[dict[str, Any]] = Field(default_factory=list, description="The conversation.")
    prompt: str | None = Field(None, description="What the person wrote; absent: their last message.")
    type: str | None = Field(None, description="What it is for: `web_search` or `retrieval`; of typing, where.")
    responses: list[str] = Field(default_factory=list, description="Answers to be merged.")
    stream: bool = False
    chat_id: str | None = None
    variables: dict[str, Any] | None = None


class TaskConfigForm(BaseModel):
    """Settings of tasks (contract), and after them ours: what is left out of those stays."""

    TASK_MODEL: str | None = Field(description="The model of tasks for chats with a local model.")
    TASK_MODEL_EXTERNAL: str | None = Field(description="The model of tasks for all other chats.")
    ENABLE_TITLE_GENERATION: bool
    TITLE_GENERATION_PROMPT_TEMPLATE: str = Field(max_length=100_000)
    IMAGE_PROMPT_GENERATION_PROMPT_TEMPLATE: str = Field(max_length=100_000)
    ENABLE_AUTOCOMPLETE_GENERATION: bool
    AUTOCOMPLETE_GENERATION_INPUT_MAX_LENGTH: int = Field(ge=-1, description="Characters; -1: any number.")
    TAGS_GENERATION_PROMPT_TEMPLATE: str = Field(max_length=100_000)
    FOLLOW_UP_GENERATION_PROMPT_TEMPLATE: str = Field(max_length=100_000)
    ENABLE_FOLLOW_UP_GENERATION: bool
    ENABLE_TAGS_GENERATION: bool
    ENABLE_SEARCH_QUERY_GENERATION: bool
    ENABLE_RETRIEVAL_QUERY_GENERATION: bool
    QUERY_GENERATION_PROMPT_TEMPLATE: str = Field(max_length=100_000)
    TOOLS_FUNCTION_CALLING_PROMPT_TEMPLATE: str = Field(max_length=100_000)
    ENABLE_IMAGE_PROMPT_GENERATION: bool = True
    ENABLE_EMOJI_GENERATION: bool = True
    ENABLE_MOA_GENERATION: bool = True
    AUTOCOMPLETE_GENERATION_PROMPT_TEMPLATE: str = Field("", max_length=100_000)
    EMOJI_GENERATION_PROMPT_TEMPLATE: str = Field("", max_length=100_000)
    MOA_GENERATION_PROMPT_TEMPLATE: str = Field("", max_length=100_000)
    SUMMARY_GENERATION_PROMPT_TEMPLATE: str = Field("", max_length=100_000)


class TaskConfig(TaskConfigForm):
    """Settings of tasks as they are."""
