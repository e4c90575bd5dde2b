"""Routes of /api/v1/folders."""

from typing import Any

from fastapi import APIRouter

from shared.identity.dependencies import VerifiedUser

router = APIRouter(prefix="/api/v1/folders", tags=["folders"])


@router.get("/")
def list_folders(_: VerifiedUser) -> list[dict[str, Any]]:
    """The person's folders: none, there are no folders."""
    return []
