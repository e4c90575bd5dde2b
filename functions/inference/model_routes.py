"""Which models there are, and embeddings."""

from typing import Any

from fastapi import APIRouter

from functions.inference.models import EmbeddingForm, ListedModel, ListingTrouble, ModelList
from shared.identity.dependencies import AdminUser, VerifiedUser
from shared.identity.sessions import Identity
from shared.llm.providers import provider_for
from shared.llm.registry import Listing, registry

router = APIRouter()


@router.get("/api/models", tags=["models"], response_model_exclude_none=True)
@router.get("/api/v1/models", tags=["models"], response_model_exclude_none=True)
async def get_models(user: VerifiedUser, refresh: bool = False) -> ModelList:
    """The models the caller may use; `refresh` asks the providers anew."""
    return shown(await registry.listing(refresh=refresh), user)


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
