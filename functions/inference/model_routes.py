"""Which models there are, and embeddings."""

import asyncio
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter

from functions.inference.models import EmbeddingForm, ListedModel, ListingTrouble, ModelList
from shared.identity.dependencies import AdminUser, VerifiedUser
from shared.identity.sessions import Identity
from shared.interface import InterfaceSection
from shared.llm.catalog import catalog, choose
from shared.llm.providers import provider_for
from shared.llm.registry import Listing, registry
from shared.sections import load

router = APIRouter()


@router.get("/api/models", tags=["models"], response_model_exclude_none=True)
@router.get("/api/v1/models", tags=["models"], response_model_exclude_none=True)
async def get_models(user: VerifiedUser, refresh: bool = False) -> ModelList:
    """The models the caller may use, in the order an admin gave them; `refresh` asks the providers anew."""
    known, interface = await asyncio.gather(catalog(refresh=refresh), asyncio.to_thread(load, InterfaceSection))
    entries = await asyncio.to_thread(known.shown, user)
    models = [ListedModel.model_validate(entry) for entry in entries]
    models = in_order(models, interface.model_order_list)
    return ModelList(data=models, errors=troubles(known.listing) if user.is_admin else None)


@router.get("/api/models/base", tags=["models"], response_model_exclude_none=True)
async def get_base_models(user: AdminUser) -> ModelList:
    """The models of all connections, as they are without presets."""
    return shown(await registry.listing(), user)


@router.post("/api/embeddings", tags=["models"])
@router.post("/api/v1/embeddings", tags=["models"])
async def embed(form: EmbeddingForm, user: VerifiedUser) -> dict[str, Any]:
    """OpenAI's embeddings, by any model of any connection that makes them."""
    chosen = await choose(form.model, user)
    body = {**form.model_dump(exclude_unset=True), "model": chosen.model.upstream_id}
    return await provider_for(chosen.connection).embed(body)


def in_order(models: Sequence[ListedModel], ids: Sequence[str]) -> list[ListedModel]:
    """The models named in `ids` in that order, then the others as they come."""
    rank = {model_id: position for position, model_id in enumerate(ids)}
    return sorted(models, key=lambda model: rank.get(model.id, len(rank)))


def shown(listing: Listing, user: Identity) -> ModelList:
    """The list for one person."""
    models = [
        model.shown(listing.connections[model.connection], listing.first_ollama) for model in listing.visible_to(user)
    ]
    return ModelList(
        data=[ListedModel.model_validate(model) for model in models],
        errors=troubles(listing) if user.is_admin else None,
    )


def troubles(listing: Listing) -> list[ListingTrouble]:
    """The connections whose models could not be listed."""
    return [
        ListingTrouble(
            urlIdx=trouble.connection - (listing.first_ollama if trouble.connection >= listing.first_ollama else 0),
            url=trouble.url,
            detail=trouble.detail,
            provider=listing.connections[trouble.connection].kind,
        )
        for trouble in listing.troubles
    ]
