"""What an admin changes of somebody's account."""

from functions.accounts import checks, images, passwords
from functions.accounts.models import UserUpdateForm
from functions.accounts.sign_in import after_sessions_ended, kept_session
from functions.accounts.store import get_user, replace_user
from shared.clock import now
from shared.errors import Forbidden
from shared.identity.instance import first_admin_id
from shared.identity.models import SessionItem, UserItem
from shared.identity.sessions import Identity


def update_user(user_id: str, form: UserUpdateForm, *, by: Identity) -> UserItem:
    """Changes name, address, role, image and perhaps the password, all or nothing.

    A new password, or any role change but letting in somebody who waits as a user, ends the person's sessions at once.
    The first admin is changed only by themselves and stays admin, so there is always one. Raises `Forbidden`,
    `Invalid`, `Conflict`.
    """
    role, email, name = checks.role(form.role), checks.email(form.email), checks.name(form.name)
    if user_id == first_admin_id() and (by.id != user_id or role != "admin"):
        raise Forbidden("The first admin stays admin, and only they may change their account.")
    user = get_user(user_id)
    password_hash = passwords.hash_password(checks.password(form.password)) if form.password else None
    old_email = user.email if user.email != email else None
    role_changes = user.role != role
    ends_sessions = password_hash is not None or (role_changes and (user.role, role) != ("pending", "user"))
    user.profile_image_url, image = images.kept(user_id, form.profile_image_url)
    user.name, user.email, user.role, user.updated_at = name, email, role, now()
    kept: SessionItem | None = None
    if ends_sessions:
        user.session_epoch += 1
        if by.id == user_id and not role_changes:  # somebody who gives themselves a new password stays
            kept = kept_session(by, user.session_epoch)
    replace_user(user, old_email=old_email, password_hash=password_hash, keep_session=kept, image=image)
    if ends_sessions:
        after_sessions_ended(user_id, keep=by.session_id if kept else None)
    return user
