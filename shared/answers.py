"""The request for one answer, on its way from the function that takes it to the worker that carries it out."""

import json
from typing import Any

from pydantic import Field

from shared.deferred import Deferred
from shared.identity.access import Reader
from shared.llm.connections import Connection
from shared.runs import Run
from shared.settings import settings
from shared.storage import objects
from shared.storage.aws import lambda_client

# Lambda takes 1 MB asynchronously; a larger request waits in the bucket.
INLINE_BYTES = 200_000


class Resume(Deferred):
    """Where the worker before had to stop, near its time limit: what the answer has so far. Times in seconds."""

    round: int
    content: str
    reasoning_content: str = ""
    seq: int
    """The number of the next event."""
    elapsed: float
    first_token: float | None = None
    reasoned: float | None = None
    summary: dict[str, Any] | None = None
    statuses: list[dict[str, Any]] = Field(default_factory=list)
    sources: list[dict[str, Any]] = Field(default_factory=list)


class AnswerRequest(Deferred):
    """What the worker needs to know. `body` is the client's; without `messages` in it the stored branch counts."""

    user_id: str
    chat_id: str
    message_id: str
    attempt: int
    model: str
    upstream_model: str
    connection: Connection
    body: dict[str, Any] = Field(default_factory=dict)
    levels: list[dict[str, Any]] = Field(default_factory=list)
    """The parameters of instance and model (`shared.prompting`)."""
    open_model: bool = False
    """Whether the model's server takes parameters that OpenAI does not know."""
    sees: bool = True
    """Whether the model takes images."""
    context_length: int = 0
    """Tokens the model takes; 0: unknown."""
    summarise: bool = True
    """Whether the oldest turns are summarised when the conversation is too long."""
    selected_model: str | None = None
    """Whom an arena has drawn."""
    reader: Reader | None = None
    """The person, for what they may read."""
    knowledge: list[dict[str, Any]] = Field(default_factory=list)
    """What the preset answers from, as far as its `owner` may read it."""
    owner: Reader | None = None
    folder_id: str | None = None
    chat_params: dict[str, Any] = Field(default_factory=dict)
    chat_fields_key: str | None = None
    """Where the chat's fields lie in S3, when `chat_params` are among them."""
    variables: dict[str, str] = Field(default_factory=dict)
    resume: Resume | None = None

    @property
    def run(self) -> Run:
        """The run it asks for."""
        return Run(self.message_id, self.attempt, self.chat_id, self.user_id, self.model)

    @property
    def temporary(self) -> bool:
        """Whether the chat is a temporary one, of which nothing is stored."""
        return self.run.temporary


def wishes(features: object) -> bool:
    """Whether any of the contract's `features` is wanted that an answer is drawn from: a web search, memories."""
    return isinstance(features, dict) and bool(features.get("web_search") or features.get("memory"))


def dispatch(request: AnswerRequest) -> None:
    """Hands a request to the worker and returns at once."""
    payload = request.model_dump_json().encode()
    if len(payload) > INLINE_BYTES:
        key = f"requests/{request.run.task_id}.json"
        objects.put(key, payload, "application/json")
        payload = json.dumps({"key": key}).encode()
    function = settings().require("generate_function")
    lambda_client().invoke(FunctionName=function, InvocationType="Event", Payload=payload)


def received(event: dict[str, Any]) -> AnswerRequest:
    """The request that an invocation carries; raises botocore's NoSuchKey when it was taken from the bucket before."""
    if "key" not in event:
        return AnswerRequest.model_validate(event)
    request = AnswerRequest.model_validate_json(objects.get(event["key"]))
    objects.delete(event["key"])
    return request
