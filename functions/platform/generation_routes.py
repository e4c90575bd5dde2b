"""Routes of the settings of answers: the level of the instance, and conversations that grow too long."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from shared.identity.dependencies import AdminUser
from shared.prompting import GenerationSection
from shared.sections import load, update

router = APIRouter(prefix="/api/v1/configs", tags=["cirrus"])


class GenerationConfig(BaseModel):
    """What every answer begins with, unless its model, folder, chat or request says otherwise."""

    SYSTEM_PROMPT: str = Field("", max_length=100_000, description="With variables such as {{USER_NAME}}.")
    PARAMS: dict[str, Any] = Field(default_factory=dict, description="temperature, top_p, stop, custom_params, …")
    SUMMARISE_LONG_CONVERSATIONS: bool = Field(True, description="The oldest turns, when they are too long.")
    CONTEXT_LENGTH: int = Field(0, ge=0, le=100_000_000, description="Tokens, where nobody else says; 0: unknown.")


@router.get("/generation")
def get_generation(_: AdminUser) -> GenerationConfig:
    """The settings of all answers."""
    return _shown(load(GenerationSection, fresh=True))


@router.post("/generation")
def update_generation(form: GenerationConfig, _: AdminUser) -> GenerationConfig:
    """Changes the settings of all answers; a setting left out goes back to its default."""
    section = GenerationSection(
        system=form.SYSTEM_PROMPT,
        params=form.PARAMS,
        summarise_long_conversations=form.SUMMARISE_LONG_CONVERSATIONS,
        context_length=form.CONTEXT_LENGTH,
    )
    return _shown(update(GenerationSection, lambda _: section))


def _shown(section: GenerationSection) -> GenerationConfig:
    return GenerationConfig(
        SYSTEM_PROMPT=section.system,
        PARAMS=section.params,
        SUMMARISE_LONG_CONVERSATIONS=section.summarise_long_conversations,
        CONTEXT_LENGTH=section.context_length,
    )
