"""Which models there are, and embeddings."""

import asyncio
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter

from functions.inference.models import EmbeddingForm, ListedModel, ListingTrouble, ModelList
from shared.identity.dependencies import AdminUser, VerifiedUser
from shared.identity.sessions import Identity
from shared.interface import InterfaceSection
from shared.llm.providers import provider_for
from shared.llm.registry import Listing, registry
from shared.sections import load

router = APIRouter()


@router.get("/api/models", tags=["models"], response_model_exclude_none=True)
@router.get("/api/v1/models", tags=["models"], response_model_exclude_none=True)
async def get_models(user: VerifiedUser, refresh: bool = False) -> ModelList:
    """The models the caller may use, in the order an admin gave them; `refresh` asks the providers anew."""
    listing, interface = await asyncio.gather(
        registry.listing(refresh=refresh), asyncio.to_thread(load, InterfaceSection)
    )
    models = shown(listing, user)
    models.data = in_order(models.data, interface.model_order_list)
    return models


@router.get("/api/models/base", tags=["models"], response_model_exclude_none=True)
async def get_base_models(user: AdminUser) -> ModelList:
    """The models of all connections, as they are without presets."""
    return shown(await registry.listing(), user)


@router.post("/api/embeddings", tags=["models"])
@router.post("/api/v1/embeddings", tags=["models"])
async def embed(form: EmbeddingForm, user: VerifiedUser) -> dict[str, Any]:
    """OpenAI's embeddings, by any model of any connection that makes them."""
    connection, model = await registry.route(form.model, user)
    return await provider_for(connection).embed({**form.model_dump(exclude_unset=True), "model": model.upstream_id})


def in_order(models: Sequence[ListedModel], ids: Sequence[str]) -> list[ListedModel]:
    """The models named in `ids` in that order, then the others as they come."""
    rank = {model_id: position for position, model_id in enumerate(ids)}
    return sorted(models, key=lambda model: rank.get(model.id, len(rank)))


def shown(listing: Listing, user: Identity) -> ModelList:
    """The list for one person."""
    models = [model.shown(listing.connections[model.connection]) for model in listing.visible_to(user)]
    troubles = [
        ListingTrouble(urlIdx=trouble.connection, url=trouble.url, detail=trouble.detail)
        for trouble in listing.troubles
    ]
    return ModelList(
        data=[ListedModel.model_validate(model) for model in models], errors=troubles if user.is_admin else None
    )
