"""The people behind things."""

import json
from collections.abc import Iterable
from typing import Protocol

from pydantic import BaseModel

from shared.errors import Forbidden, TooLarge
from shared.identity.access import AccessControl, Reader
from shared.identity.models import UserItem
from shared.identity.sessions import Identity
from shared.storage.tables import fetch_all

DEFAULT_IMAGE = "/user.png"
ACCESS_BYTES = 330_000
"""What an item can hold of who may use a thing."""


class Owner(BaseModel):
    """Somebody as others see them."""

    id: str
    name: str
    email: str
    role: str
    profile_image_url: str


def owners(user_ids: Iterable[str]) -> dict[str, Owner]:
    """Those of the people who still have an account, by id, as others see them."""
    return {
        user_id: Owner(
            id=user_id,
            name=user.name,
            email=user.email,
            role=user.role,
            profile_image_url=user.profile_image_url or DEFAULT_IMAGE,
        )
        for user_id, user in find(user_ids).items()
    }


def find(user_ids: Iterable[str]) -> dict[str, UserItem]:
    """Those of the people who still have an account, by id."""
    return {user.user_id: user for user in fetch_all(UserItem, map(UserItem.key, dict.fromkeys(user_ids)))}


def reader(user_id: str) -> Reader | None:
    """Somebody as what they own is read on behalf of others; None when they may not use the app any more."""
    user = find([user_id]).get(user_id)
    return Reader(user_id, user.role == "admin") if user and user.role != "pending" else None


def require(user: Identity, allowed: bool, what: str) -> None:
    """Refuses somebody who has neither the permission nor an admin's role; raises `Forbidden`."""
    if not (user.is_admin or allowed):
        raise Forbidden(f"You may not {what}. Ask an admin for the permission.")


class Shared(Protocol):
    """A form, or a stored thing, that says who may use it."""

    access_control: AccessControl | None

    @property
    def model_fields_set(self) -> set[str]: ...


def size_of(access: AccessControl | None) -> int:
    """The bytes that an item takes for who may use a thing."""
    return len(json.dumps(access.model_dump(mode="json"))) if access is not None else 0


def access_for(user: Identity, form: Shared, may_open: bool, stored: Shared | None = None) -> AccessControl | None:
    """Who may use a thing from now on; raises `Forbidden`, `TooLarge`.

    Opening it to everybody takes the permission; what is open already stays so, also when somebody without it edits.
    Left out of the form, it stays as it is; a new thing is then private unless its maker may open it.
    """
    given = "access_control" in form.model_fields_set
    if form.access_control is not None:
        if size_of(form.access_control) > ACCESS_BYTES:
            raise TooLarge("These are too many people and groups. Put the people into a group, and share it with that.")
        return form.access_control
    if stored is not None and (not given or stored.access_control is None):
        return stored.access_control
    if user.is_admin or may_open:
        return None
    if given:
        raise Forbidden("You may not share this with everybody. Choose who may use it, or keep it to yourself.")
    return AccessControl()
