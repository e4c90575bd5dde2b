"""Routes of /api/v1/configs: settings of the whole server."""

from typing import Any

from fastapi import APIRouter

from functions.platform import transfer
from functions.platform.models import (
    BannersForm,
    ConnectionsConfigForm,
    ImportForm,
    ModelsConfigForm,
    SuggestionsForm,
)
from shared.identity.dependencies import AdminUser, VerifiedUser
from shared.interface import Banner, InterfaceSection, PromptSuggestion
from shared.sections import load, update

router = APIRouter(prefix="/api/v1/configs", tags=["configs"])


@router.post("/import")
def import_config(form: ImportForm, _: AdminUser) -> dict[str, Any]:
    """Takes over settings that `export` gave; sections left out, connections and all secrets stay as they are."""
    return transfer.import_sections(form.config)


@router.get("/export")
def export_config(_: AdminUser) -> dict[str, Any]:
    """All settings by section. In place of a secret, sealed or not, it says `(hidden)`."""
    return transfer.export_sections()


@router.get("/connections")
def get_connections(_: AdminUser) -> ConnectionsConfigForm:
    """Whether people may connect models of their own."""
    return _connections(load(InterfaceSection, fresh=True))


@router.post("/connections")
def update_connections(form: ConnectionsConfigForm, _: AdminUser) -> ConnectionsConfigForm:
    """Changes whether people may connect models of their own."""
    return _connections(
        _change(
            enable_direct_connections=form.ENABLE_DIRECT_CONNECTIONS,
            enable_base_models_cache=form.ENABLE_BASE_MODELS_CACHE,
        )
    )


@router.get("/models")
def get_models(_: AdminUser) -> ModelsConfigForm:
    """Which models a new chat starts with, and the order of the list."""
    return _models(load(InterfaceSection, fresh=True))


@router.post("/models")
def update_models(form: ModelsConfigForm, _: AdminUser) -> ModelsConfigForm:
    """Changes which models a new chat starts with, and the order of the list."""
    return _models(_change(default_models=form.DEFAULT_MODELS, model_order_list=form.MODEL_ORDER_LIST or []))


@router.post("/suggestions")
def update_suggestions(form: SuggestionsForm, _: AdminUser) -> list[PromptSuggestion]:
    """Changes what an empty chat suggests."""
    return _change(prompt_suggestions=form.suggestions).prompt_suggestions


@router.post("/banners")
def update_banners(form: BannersForm, _: AdminUser) -> list[Banner]:
    """Changes the banners."""
    return _change(banners=form.banners).banners


@router.get("/banners")
def get_banners(_: VerifiedUser) -> list[Banner]:
    """The banners."""
    return load(InterfaceSection).banners


def _change(**values: Any) -> InterfaceSection:
    return update(InterfaceSection, lambda section: section.model_copy(update=values))


def _connections(section: InterfaceSection) -> ConnectionsConfigForm:
    return ConnectionsConfigForm(
        ENABLE_DIRECT_CONNECTIONS=section.enable_direct_connections,
        ENABLE_BASE_MODELS_CACHE=section.enable_base_models_cache,
    )


def _models(section: InterfaceSection) -> ModelsConfigForm:
    return ModelsConfigForm(DEFAULT_MODELS=section.default_models, MODEL_ORDER_LIST=section.model_order_list)
