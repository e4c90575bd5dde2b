"""Routes of /api/v1/users: people, their settings, and what an admin does with them."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from functions.accounts import administration, directory, images, profile, removal
from functions.accounts.activity import note_activity
from functions.accounts.models import (
    ActiveUsers,
    Activity,
    UserCard,
    UserIdNameListResponse,
    UserInfoListResponse,
    UserListResponse,
    UserModel,
    UserSettings,
    UserUpdateForm,
)
from functions.accounts.views import card, user_model
from shared.identity.dependencies import AdminUser, VerifiedUser
from shared.identity.permissions import PermissionsSection, UserPermissions, permissions
from shared.realtime import presence
from shared.sections import update

router = APIRouter(prefix="/api/v1/users", tags=["users"], dependencies=[Depends(note_activity)])
Search = Annotated[str | None, Query(max_length=200)]


@router.get("/active")
def get_active_users(_: VerifiedUser) -> ActiveUsers:
    """Who is online."""
    return ActiveUsers(user_ids=presence.active_user_ids())


@router.get("/")
def get_users(
    _: AdminUser,
    query: Search = None,
    order_by: str | None = None,
    direction: str | None = None,
    page: Annotated[int | None, Query()] = 1,
) -> UserListResponse:
    """A page of 30 people, newest first.

    `order_by` may be name, email, role, created_at, last_active_at or updated_at; `direction` asc or desc.
    """
    found = directory.page(query, order_by, direction, max(1, page or 1))
    return UserListResponse(users=[user_model(user) for user in found.users], total=found.total)


@router.get("/all")
def get_all_users(_: AdminUser) -> UserInfoListResponse:
    """Everybody, in short."""
    users = directory.everybody()
    return UserInfoListResponse.model_validate(
        {
            "users": [{"id": u.user_id, "name": u.name, "email": u.email, "role": u.role} for u in users],
            "total": len(users),
        }
    )


@router.get("/search")
def search_users(_: VerifiedUser, query: Search = None) -> UserIdNameListResponse:
    """The first 30 people whose name or e-mail address contains the query."""
    found = directory.page(query, None, None, 1)
    return UserIdNameListResponse.model_validate(
        {"users": [{"id": user.user_id, "name": user.name} for user in found.users], "total": found.total}
    )


@router.get("/groups")
def get_own_groups(_: VerifiedUser) -> list[dict[str, Any]]:
    """The groups one is in: none, there are no groups."""
    return []


@router.get("/permissions")
def get_own_permissions(_: VerifiedUser) -> UserPermissions:
    """What one may do."""
    return permissions()


@router.get("/default/permissions")
def get_default_permissions(_: AdminUser) -> UserPermissions:
    """What everybody may do."""
    return permissions()


@router.post("/default/permissions")
def update_default_permissions(form: UserPermissions, _: AdminUser) -> UserPermissions:
    """Changes what everybody may do."""
    update(PermissionsSection, lambda _section: PermissionsSection.model_validate(form.model_dump()))
    return form


@router.get("/user/settings")
def get_own_settings(identity: VerifiedUser) -> UserSettings | None:
    """One's own settings, null before the first change."""
    return profile.settings(identity.user)


@router.post("/user/settings/update")
def update_own_settings(form: UserSettings, identity: VerifiedUser) -> UserSettings:
    """Changes one's own settings: each top-level key given replaces the one stored."""
    return profile.update_settings(identity, form)


@router.get("/user/info")
def get_own_info(identity: VerifiedUser) -> dict[str, Any] | None:
    """What clients noted about oneself, null before the first note."""
    info: dict[str, Any] | None = identity.user.info
    return info


@router.post("/user/info/update")
def update_own_info(form: dict[str, Any], identity: VerifiedUser) -> dict[str, Any] | None:
    """Adds notes; a key given replaces the one stored."""
    return profile.update_info(identity.id, form)


@router.get("/{user_id}")
def get_user(user_id: str, _: VerifiedUser) -> UserCard:
    """Somebody's name and image, and whether they are online."""
    return card(profile.get(user_id), presence.is_active(user_id))


@router.get("/{user_id}/oauth/sessions")
def get_oauth_sessions(user_id: str, _: AdminUser) -> dict[str, Any] | None:
    """Sessions at other identity providers: none, there are no such providers."""
    profile.get(user_id)
    return None


@router.get("/{user_id}/profile/image", response_class=Response)
def get_profile_image(user_id: str, _: VerifiedUser) -> Response:
    """Somebody's image; one that lies elsewhere as a redirect; without any their initials."""
    return images.response(profile.get(user_id))


@router.get("/{user_id}/active")
def get_activity(user_id: str, _: VerifiedUser) -> Activity:
    """Whether somebody is online."""
    return Activity(active=presence.is_active(user_id))


@router.post("/{user_id}/update")
def update_user(user_id: str, form: UserUpdateForm, identity: AdminUser) -> UserModel | None:
    """Changes somebody's account. A new password or role ends their sessions, but for who waited and is now a user."""
    return user_model(administration.update_user(user_id, form, by=identity))


@router.delete("/{user_id}")
def delete_user(user_id: str, identity: AdminUser) -> bool:
    """Removes somebody at once, and then all they own."""
    removal.remove_user(user_id, by=identity)
    return True


@router.get("/{user_id}/groups")
def get_groups_of(user_id: str, _: AdminUser) -> list[dict[str, Any]]:
    """The groups somebody is in: none, there are no groups."""
    profile.get(user_id)
    return []
