"""What clients ask about Ollama's own protocol, which is off: Ollama is connected by its OpenAI-compatible one."""

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from shared.identity.dependencies import AdminUser

router = APIRouter(prefix="/ollama", tags=["ollama"])


class OllamaConfig(BaseModel):
    """The connections by Ollama's own protocol: none."""

    ENABLE_OLLAMA_API: bool = False
    OLLAMA_BASE_URLS: list[str] = Field(default_factory=list)
    OLLAMA_API_CONFIGS: dict[str, Any] = Field(default_factory=dict)


class OllamaVersion(BaseModel):
    """The lowest version of the connected servers; false while the protocol is off."""

    version: Literal[False] = False


@router.get("/config")
async def get_ollama_config(user: AdminUser) -> OllamaConfig:
    """The connections by Ollama's own protocol."""
    return OllamaConfig()


@router.get("/api/version")
async def get_ollama_version() -> OllamaVersion:
    """The lowest version of the connected servers."""
    return OllamaVersion()
