"""What people change of themselves."""

import json
from typing import Any

from functions.accounts import checks, images
from functions.accounts.models import ProfileForm, UserSettings
from functions.accounts.store import change_user, get_user
from shared.errors import TooLarge
from shared.identity.models import UserItem
from shared.identity.permissions import permissions
from shared.identity.sessions import Identity

# Every request reads the user's item: settings are for choices, not for files.
MAX_SETTINGS, MAX_INFO = 100_000, 20_000


def get(user_id: str) -> UserItem:
    """Somebody; raises `Invalid`."""
    return get_user(user_id)


def update(user_id: str, form: ProfileForm) -> UserItem:
    """Replaces a person's profile; raises `Invalid`."""
    name, bio = checks.name(form.name), checks.short_text(form.bio, "The text about yourself")
    gender, born = checks.short_text(form.gender, "The gender", 100), checks.birthday(form.date_of_birth)
    address, image = images.kept(user_id, form.profile_image_url)

    def change(user: UserItem) -> None:
        user.name, user.bio, user.gender, user.date_of_birth = name, bio, gender, born
        user.profile_image_url = address

    return change_user(user_id, change, image=image)


def settings(user: UserItem) -> UserSettings | None:
    """A person's settings, None before the first change."""
    return UserSettings.model_validate(user.settings) if user.settings is not None else None


def update_settings(identity: Identity, form: UserSettings) -> UserSettings:
    """Replaces the top-level keys given. Tool servers of their own stay out for whoever may not have any."""
    given = form.model_dump()
    ui = given.get("ui")
    if isinstance(ui, dict) and not identity.is_admin and not permissions().features.direct_tool_servers:
        ui.pop("toolServers", None)

    def change(user: UserItem) -> None:
        user.settings = {**(user.settings or {}), **given}
        _limit(user.settings, MAX_SETTINGS, "These settings are")

    return UserSettings.model_validate(change_user(identity.id, change).settings)


def update_info(user_id: str, given: dict[str, Any]) -> dict[str, Any]:
    """Replaces the keys given; returns all."""

    def change(user: UserItem) -> None:
        user.info = {**(user.info or {}), **given}
        _limit(user.info, MAX_INFO, "This information is")

    return dict(change_user(user_id, change).info)


def _limit(value: dict[str, Any], limit: int, what: str) -> None:
    if len(json.dumps(value)) > limit:
        raise TooLarge(f"{what} too large to be stored: {limit // 1000} KB at most.")
