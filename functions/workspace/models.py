"""Requests and answers of the workspace, in the contract's shape."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from shared.evaluations import ArenaModel
from shared.identity.access import AccessControl
from shared.people import Owner
from shared.presets import ModelMeta, ModelParams, Preset

ModelId = Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[^\s\x00-\x1f\x7f]([^\x00-\x1f\x7f]*\S)?$")]
Name = Annotated[str, Field(min_length=1, max_length=256, pattern=r"\S")]


class _Tag(BaseModel):
    name: str


class _Suggestion(BaseModel):
    content: str


class _Listed(BaseModel):
    """What of a preset's `meta` is read wherever models are listed, asked or edited, beside what `ModelMeta` names."""

    hidden: bool | None = None
    tags: list[_Tag] | None = None
    suggestion_prompts: list[_Suggestion] | None = None
    knowledge: list[dict[str, Any]] | None = None
    toolIds: list[str] | None = None
    filterIds: list[str] | None = None
    actionIds: list[str] | None = None


def _well_formed(meta: ModelMeta) -> ModelMeta:
    _Listed.model_validate(meta.model_extra)
    return meta


class ModelForm(BaseModel):
    """A preset as people make it. `access_control` left out: open to all if the person may share so, else private."""

    id: ModelId
    base_model_id: ModelId | None = None
    name: Name
    meta: Annotated[ModelMeta, AfterValidator(_well_formed)]
    params: ModelParams
    access_control: AccessControl | None = None
    is_active: bool = True


class ModelUserResponse(Preset):
    """A preset with its owner; null when the account is gone."""

    user: Owner | None = None


class ModelsImportForm(BaseModel):
    """Presets as `export` gives them. Known ids are replaced, and keep their owner."""

    models: list[dict[str, Any]] = Field(max_length=10_000)


class SyncModelsForm(BaseModel):
    """All presets there are to be."""

    models: list[Preset] = Field(default_factory=list, max_length=10_000)


class PromptForm(BaseModel):
    """A prompt as people write it; its variables (`{{topic | text}}`) are part of the text, clients ask for them."""

    command: Annotated[
        str, Field(min_length=1, max_length=100, description="With or without the slash; letters, digits, `-`, `_`.")
    ]
    title: Annotated[str, Field(min_length=1, max_length=500)]
    content: str
    access_control: AccessControl | None = None


class PromptModel(BaseModel):
    """A prompt; `timestamp`, of the last change, in epoch seconds."""

    command: str
    user_id: str
    title: str
    content: str
    timestamp: int
    access_control: AccessControl | None = None


class PromptUserResponse(PromptModel):
    """A prompt with its owner; null when the account is gone."""

    user: Owner | None = None


class RatingData(BaseModel):
    """What somebody thinks of an answer: `rating` 1 or -1, of `model_id`, against those of `sibling_model_ids`."""

    model_config = ConfigDict(extra="allow")

    rating: str | int | None = None
    model_id: str | None = None
    sibling_model_ids: list[str] | None = None
    reason: str | None = None
    comment: str | None = None


class SnapshotData(BaseModel):
    """The chat as it was when it was rated."""

    model_config = ConfigDict(extra="allow")

    chat: dict[str, Any] | None = None


class FeedbackForm(BaseModel):
    """Feedback as clients send it; parts left out of a change stay as they are."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(min_length=1, max_length=100)
    data: RatingData | None = None
    meta: dict[str, Any] | None = None
    snapshot: SnapshotData | None = None


class FeedbackResponse(BaseModel):
    """Feedback without its snapshot; `version` counts its changes, times are in epoch seconds."""

    model_config = ConfigDict(extra="allow")

    id: str
    user_id: str
    version: int
    type: str
    data: dict[str, Any] | None = None
    meta: dict[str, Any] | None = None
    created_at: int
    updated_at: int


class FeedbackModel(FeedbackResponse):
    """Feedback whole."""

    snapshot: dict[str, Any] | None = None


class Rater(BaseModel):
    """Whose feedback it is."""

    id: str
    name: str
    email: str
    role: str
    last_active_at: int
    updated_at: int
    created_at: int


class FeedbackUserResponse(FeedbackResponse):
    """Feedback with whose it is; null among one's own, and when the account is gone."""

    user: Rater | None = None


class EvaluationsForm(BaseModel):
    """Settings of the arena; what is left out stays."""

    ENABLE_EVALUATION_ARENA_MODELS: bool | None = None
    EVALUATION_ARENA_MODELS: list[ArenaModel] | None = Field(None, max_length=200)


class EvaluationsConfig(BaseModel):
    """Settings of the arena."""

    ENABLE_EVALUATION_ARENA_MODELS: bool
    EVALUATION_ARENA_MODELS: list[ArenaModel]


class DayRating(BaseModel):
    """A model's rating at the end of a day (`2026-11-21`, UTC)."""

    day: str
    rating: int


class Standing(BaseModel):
    """Where a model stands. `won` and `lost` count comparisons, of which `rating` comes; `up` and `down` all votes."""

    model_id: str
    rating: int | None = Field(description="Elo, from 1000; null without comparisons.")
    won: int
    lost: int
    up: int
    down: int
    history: list[DayRating] = Field(description="The last 60 days with comparisons.")


class TagCount(BaseModel):
    """How many votes have a tag."""

    tag: str
    votes: int


class Leaderboard(BaseModel):
    """Models by their rating, best first; `tags` are of all votes, the most used first."""

    models: list[Standing]
    tags: list[TagCount]
    votes: int = Field(description="How many votes are counted here.")
