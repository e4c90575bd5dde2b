"""Routes of the settings of /api/v1/retrieval."""

from typing import Any

from fastapi import APIRouter

from functions.knowledge import retrieval_config as service
from functions.knowledge.retrieval_models import (
    ConfigForm,
    ConfigResponse,
    EmbeddingForm,
    EmbeddingResponse,
    RetrievalStatus,
)
from shared.identity.dependencies import AdminUser

router = APIRouter(prefix="/api/v1/retrieval", tags=["retrieval"])


@router.get("/")
def get_status() -> RetrievalStatus:
    """What clients show of the settings."""
    return service.status()


@router.get("/config", response_model=ConfigResponse)
def get_rag_config(_: AdminUser) -> dict[str, Any]:
    """The settings of documents and of the web, with secrets masked."""
    return service.config()


@router.post("/config/update", response_model=ConfigResponse)
def update_rag_config(form: ConfigForm, _: AdminUser) -> dict[str, Any]:
    """Changes the settings; what is left out, or null, stays as it is."""
    return service.change_config(form)


@router.get("/embedding")
def get_embedding_config(_: AdminUser) -> EmbeddingResponse:
    """Which embedding model is wanted, and which one answers."""
    return service.embedding()


@router.post("/embedding/update")
def update_embedding_config(form: EmbeddingForm, _: AdminUser) -> EmbeddingResponse:
    """Chooses an embedding model; everything is indexed anew in the background while the old index answers."""
    return service.change_embedding(form)
