"""Comparing models: the arena, where a person votes before they learn which model answered."""

from typing import ClassVar

from pydantic import ConfigDict, Field

from shared.deferred import Deferred
from shared.identity.access import AccessControl, Person, may_read
from shared.sections import Section

DEFAULT_ARENA_ID = "arena-model"


class ArenaMeta(Deferred):
    """What an arena model looks like, and which models answer for it: those of `model_ids`, or all but those."""

    model_config = ConfigDict(extra="allow")

    profile_image_url: str | None = None
    description: str | None = None
    model_ids: list[str] | None = Field(None, max_length=1000)
    filter_mode: str | None = Field(None, description="`include` or `exclude`; absent means include.")
    access_control: AccessControl | None = None


class ArenaModel(Deferred):
    """A model of the list that stands for others, one of which answers (contract: EVALUATION_ARENA_MODELS)."""

    model_config = ConfigDict(extra="allow")

    id: str = Field(min_length=1, max_length=256)
    name: str = Field(min_length=1, max_length=256)
    meta: ArenaMeta = Field(default_factory=ArenaMeta)

    def visible_to(self, user: Person) -> bool:
        """Whether the person may choose it; it belongs to the instance, so `{}` leaves it to admins."""
        return may_read(user, "", self.meta.access_control)

    def draws_from(self, model_id: str) -> bool:
        """Whether the model may answer for this one."""
        listed = self.meta.model_ids
        if not listed:
            return True
        return (model_id in listed) != (self.meta.filter_mode == "exclude")


class EvaluationsSection(Section):
    """Section `evaluations`. The arena is off until an admin turns it on: one model has nothing to be compared with."""

    section: ClassVar[str] = "evaluations"

    enable_arena_models: bool = False
    arena_models: list[ArenaModel] = Field(default_factory=list)

    def arena(self) -> list[ArenaModel]:
        """The arena models there are now: one over all models, when an admin turned it on and named none."""
        if not self.enable_arena_models:
            return []
        return self.arena_models or [_over_all()]


def _over_all() -> ArenaModel:
    meta = ArenaMeta(description="One of all models, at random. Rate its answer, then see which one it was.")
    return ArenaModel(id=DEFAULT_ARENA_ID, name="Arena", meta=meta)
