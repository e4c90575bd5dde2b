"""Requests and answers of Ollama's API; its other fields pass through as they are."""

from typing import Any, Literal, Self

from pydantic import BaseModel, Field, model_validator

from functions.inference.models import Open
from shared.pulls import Kind


class OllamaStatus(BaseModel):
    """Ollama's API is here."""

    status: Literal[True] = True


class OllamaVersion(BaseModel):
    """The lowest version of the connected servers; false while the protocol is off, or there is no server."""

    version: str | Literal[False]


class OllamaVerifyForm(BaseModel):
    """A server to try out. A masked key stands for the stored one of the same address."""

    url: str
    key: str | None = None


class OllamaModels(Open):
    """Models of one server or all."""

    models: list[dict[str, Any]]


class NamedModel(Open):
    """Something to be done with a model; older clients call the field `name`."""

    model: str | None = None
    name: str | None = None

    @property
    def named(self) -> str:
        """The model's name, empty when none was given."""
        return self.model or self.name or ""


class PushForm(Open):
    """A model to be pushed to a registry."""

    model: str
    insecure: bool | None = None
    stream: bool | None = None


class CreateForm(Open):
    """A model to be made: of another one, of files, with a template and so on."""

    model: str | None = None
    stream: bool | None = None
    path: str | None = None


class CopyForm(BaseModel):
    """A model to get a second name."""

    source: str
    destination: str


class EmbedForm(Open):
    """Texts to be embedded."""

    model: str
    input: list[str] | str
    truncate: bool | None = None
    options: dict[str, Any] | None = None
    keep_alive: int | str | None = None


class EmbeddingsForm(Open):
    """A text to be embedded, as older clients ask."""

    model: str
    prompt: str
    options: dict[str, Any] | None = None
    keep_alive: int | str | None = None


class GenerateForm(Open):
    """A text to be gone on from."""

    model: str
    prompt: str = ""
    suffix: str | None = None
    images: list[str] | None = None
    format: dict[str, Any] | str | None = None
    options: dict[str, Any] | None = None
    system: str | None = None
    template: str | None = None
    context: list[int] | None = None
    stream: bool | None = True
    raw: bool | None = None
    keep_alive: int | str | None = None


class ChatForm(Open):
    """A conversation."""

    model: str
    messages: list[dict[str, Any]]
    stream: bool | None = True


class CompleteForm(Open):
    """OpenAI's legacy completion."""

    model: str
    prompt: str | list[Any]


class UrlForm(BaseModel):
    """A file of a model, at Hugging Face or GitHub."""

    url: str


class PullForm(BaseModel):
    """A model to be pulled, pushed or made in the background."""

    kind: Kind = "pull"
    model: str = Field(min_length=1, max_length=300)
    url_idx: int = Field(0, ge=0, description="Which server, as /ollama/config counts them.")
    insecure: bool = False
    recipe: dict[str, Any] = Field({}, description="What it is made of, as /api/create has it: from, system and so on.")

    @model_validator(mode="after")
    def has_what_it_takes(self) -> Self:
        """A model is made of something, and of nothing when it is only moved."""
        if bool(self.recipe) != (self.kind == "create"):
            raise ValueError("recipe: say what the model is to be made of; leave it out for anything else.")
        return self


class OpenAIModels(BaseModel):
    """The models as OpenAI's API lists them."""

    object: Literal["list"] = "list"
    data: list[dict[str, Any]]
