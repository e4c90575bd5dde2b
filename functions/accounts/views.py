"""Stored people as the contract shows them."""

from datetime import date

from functions.accounts.models import (
    DEFAULT_IMAGE,
    Person,
    Session,
    SessionInfo,
    SignedIn,
    UserCard,
    UserModel,
    UserSettings,
)
from shared.identity.models import UserItem
from shared.identity.permissions import permissions
from shared.identity.sessions import Identity


def person(user: UserItem) -> Person:
    """Somebody, as they see themselves."""
    return Person(
        id=user.user_id,
        email=user.email,
        name=user.name,
        role=user.role,
        profile_image_url=user.profile_image_url or DEFAULT_IMAGE,
    )


def signed_in(identity: Identity) -> SignedIn:
    """A new account with a session of it."""
    return SignedIn(token=identity.token, **person(identity.user).model_dump())


def session(identity: Identity) -> Session:
    """A session with what its person may do."""
    return Session(
        token=identity.token,
        expires_at=identity.expires_at,
        permissions=permissions(),
        **person(identity.user).model_dump(),
    )


def session_info(identity: Identity) -> SessionInfo:
    """A session with its person's whole profile."""
    user = identity.user
    return SessionInfo(
        bio=user.bio, gender=user.gender, date_of_birth=_date(user.date_of_birth), **session(identity).model_dump()
    )


def card(user: UserItem, active: bool) -> UserCard:
    """What anybody may know of somebody."""
    return UserCard(name=user.name, profile_image_url=user.profile_image_url or DEFAULT_IMAGE, active=active)


def user_model(user: UserItem) -> UserModel:
    """Everything an admin may see; of somebody in a list, what the index carries."""
    return UserModel(
        **person(user).model_dump(),
        username=user.username,
        bio=user.bio,
        gender=user.gender,
        date_of_birth=_date(user.date_of_birth),
        info=user.info,
        settings=UserSettings.model_validate(user.settings) if user.settings else None,
        last_active_at=int(user.last_active_at),
        updated_at=int(user.updated_at),
        created_at=int(user.created_at),
    )


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
