"""Lists of what this server does not have yet. Clients ask for them as they start, and stop where there is no list."""

from typing import Any

from fastapi import APIRouter

from shared.identity.dependencies import VerifiedUser

router = APIRouter(prefix="/api/v1")


@router.get("/tools/", tags=["tools"])
def list_tools(_: VerifiedUser) -> list[dict[str, Any]]:
    """The tools a person may use: none."""
    return []


@router.get("/functions/", tags=["functions"])
def list_functions(_: VerifiedUser) -> list[dict[str, Any]]:
    """The functions an admin added: none."""
    return []


@router.get("/channels/", tags=["channels"])
def list_channels(_: VerifiedUser) -> list[dict[str, Any]]:
    """The channels a person may read: none."""
    return []
