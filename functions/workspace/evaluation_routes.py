"""Routes of /api/v1/evaluations: the arena's settings, feedback, the leaderboard."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from functions.workspace import feedback
from functions.workspace.leaderboard import leaderboard
from functions.workspace.models import (
    EvaluationsConfig,
    EvaluationsForm,
    FeedbackForm,
    FeedbackModel,
    FeedbackUserResponse,
    Leaderboard,
)
from functions.workspace.votes import all_votes
from shared import delivery
from shared import feedback as stored
from shared.evaluations import EvaluationsSection
from shared.identity.dependencies import AdminUser, VerifiedUser
from shared.sections import load, update

router = APIRouter(prefix="/api/v1/evaluations", tags=["evaluations"], dependencies=[Depends(delivery.within_limit)])

Id = Annotated[str, Path(alias="id", min_length=1, max_length=64, description="Feedback id.")]
After = Annotated[
    str | None, Query(max_length=64, description="Ours: only what is older than this feedback; the last id of a part.")
]
Limit = Annotated[int | None, Query(ge=1, le=1000, description="Ours: so many at most, newest first; else all.")]


@router.get("/config")
def get_config(_: AdminUser) -> EvaluationsConfig:
    """Whether there is an arena, and its models."""
    return _config(load(EvaluationsSection, fresh=True))


@router.post("/config")
def update_config(form: EvaluationsForm, _: AdminUser) -> EvaluationsConfig:
    """Changes whether there is an arena, and its models."""
    values: dict[str, Any] = {}
    if form.ENABLE_EVALUATION_ARENA_MODELS is not None:
        values["enable_arena_models"] = form.ENABLE_EVALUATION_ARENA_MODELS
    if form.EVALUATION_ARENA_MODELS is not None:
        values["arena_models"] = form.EVALUATION_ARENA_MODELS
    return _config(update(EvaluationsSection, lambda section: section.model_copy(update=values)))


@router.get("/leaderboard", tags=["cirrus"])
def get_leaderboard(
    _: AdminUser,
    tag: Annotated[str | None, Query(max_length=100, description="Only votes on chats with this tag.")] = None,
) -> Leaderboard:
    """Models by their Elo rating out of everybody's votes, with how it went day by day."""
    return leaderboard(all_votes(), tag)


@router.get("/feedbacks/all", response_model=list[FeedbackUserResponse], responses=delivery.REDIRECT)
def list_all_feedback(request: Request, _: AdminUser, after: After = None, limit: Limit = None) -> Response:
    """Everybody's feedback, without snapshots."""
    return delivery.body(request, feedback.everybodys(after, limit))


@router.delete("/feedbacks/all")
def delete_all_feedback(_: AdminUser) -> bool:
    """Deletes everybody's feedback; answers whether there was any."""
    return stored.delete_everything()


@router.get("/feedbacks/all/export", response_model=list[FeedbackModel], responses=delivery.REDIRECT)
def export_all_feedback(request: Request, _: AdminUser, after: After = None, limit: Limit = None) -> Response:
    """Everybody's feedback whole; 413 when it is too much for one export."""
    return delivery.body(request, feedback.exported(after, limit))


@router.get("/feedbacks/user", response_model=list[FeedbackUserResponse], responses=delivery.REDIRECT)
def list_own_feedback(request: Request, user: VerifiedUser) -> Response:
    """The caller's feedback, without snapshots."""
    return delivery.body(request, feedback.own(user))


@router.delete("/feedbacks")
def delete_own_feedback(user: VerifiedUser) -> bool:
    """Deletes the caller's feedback; answers whether there was any."""
    return stored.delete_of(user.id)


@router.post("/feedback", response_model=FeedbackModel, responses=delivery.REDIRECT)
def create_feedback(request: Request, form: FeedbackForm, user: VerifiedUser) -> Response:
    """Stores what the caller thinks of an answer."""
    return delivery.body(request, feedback.create(user, form))


@router.get("/feedback/{id}", response_model=FeedbackModel, responses=delivery.REDIRECT)
def get_feedback(request: Request, feedback_id: Id, user: VerifiedUser) -> Response:
    """The caller's feedback; an admin's is anybody's."""
    return delivery.body(request, feedback.get(user, feedback_id))


@router.post("/feedback/{id}", response_model=FeedbackModel, responses=delivery.REDIRECT)
def update_feedback(request: Request, feedback_id: Id, form: FeedbackForm, user: VerifiedUser) -> Response:
    """Replaces the parts of feedback that the form has."""
    return delivery.body(request, feedback.update(user, feedback_id, form))


@router.delete("/feedback/{id}")
def delete_feedback(feedback_id: Id, user: VerifiedUser) -> bool:
    """Deletes feedback."""
    return feedback.delete(user, feedback_id)


def _config(section: EvaluationsSection) -> EvaluationsConfig:
    return EvaluationsConfig(
        ENABLE_EVALUATION_ARENA_MODELS=section.enable_arena_models, EVALUATION_ARENA_MODELS=section.arena_models
    )
