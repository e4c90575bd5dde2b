"""Becoming and being signed in: sign-up, sign-in, sign-out, passwords."""

import uuid
from dataclasses import dataclass

from fastapi import Request

from functions.accounts import checks, images, passwords
from functions.accounts.models import AddUserForm, PasswordForm, SignInForm, SignUpForm
from functions.accounts.store import (
    CredentialItem,
    Taken,
    create_user,
    read_with_credential,
    replace_user,
    user_with_credential,
)
from functions.accounts.throttle import PER_ACCOUNT, PER_ADDRESS, SIGN_UPS_PER_ADDRESS
from shared.clock import now
from shared.errors import Forbidden, Invalid, Unauthorized
from shared.identity.config import AuthSection
from shared.identity.instance import has_users
from shared.identity.models import Role, SessionItem, UserItem
from shared.identity.sessions import Identity, end_session, start_session, sweep_sessions
from shared.identity.tokens import SESSION_ENDED
from shared.realtime.hub import disconnect_user
from shared.sections import load
from shared.storage.tables import fetch_together
from shared.web import viewer

WRONG_CREDENTIALS = "The e-mail address or the password is not right. Check both and try again."


@dataclass(frozen=True)
class Client:
    """Where a sign-in comes from."""

    address: str
    user_agent: str


def client_of(request: Request) -> Client:
    """The client of a request."""
    return Client(viewer(request).address, request.headers.get("user-agent", "")[:300])


def sign_up(form: SignUpForm, client: Client) -> Identity:
    """Makes an account and signs in: as admin whoever is first, later ones with the default role.

    Raises `Forbidden` when sign-up is closed, `Invalid`, `TooManyRequests`.
    """
    first = not has_users()
    settings = load(AuthSection, fresh=True)  # what an admin has just closed lets nobody in
    _require_open(settings, first)
    SIGN_UPS_PER_ADDRESS.take(client.address)
    password_hash = _checked_hash(form)
    try:
        user = _create(form, "admin" if first else checks.role(settings.default_user_role), password_hash, first=first)
    except Taken:  # somebody else was first in the meantime
        _require_open(settings, first=False)
        user = _create(form, checks.role(settings.default_user_role), password_hash, first=False)
    return start_session(user, user_agent=client.user_agent, address=client.address)


def add_user(form: AddUserForm) -> Identity:
    """Makes an account for somebody, with a session of theirs. Raises `Invalid`."""
    role = checks.role(form.role)
    return start_session(_create(form, role, _checked_hash(form), first=False))


def sign_in(form: SignInForm, client: Client) -> Identity:
    """Signs in. Raises `Invalid` (an unknown address takes as long as a wrong password) or `TooManyRequests`."""
    address = form.email.strip().lower()
    PER_ADDRESS.take(client.address)
    PER_ACCOUNT.take(address)
    found = user_with_credential(address) if len(address) <= checks.MAX_EMAIL else None
    fits = len(form.password) <= checks.MAX_PASSWORD
    password_hash = found[1].password_hash if found else None
    if not passwords.matches(password_hash, form.password if fits else "") or not fits or found is None:
        raise Invalid(WRONG_CREDENTIALS)
    PER_ACCOUNT.give_back(address)
    PER_ADDRESS.give_back(client.address)
    user, credential = found
    if passwords.outdated(credential.password_hash):
        credential.update(
            actions=[CredentialItem.password_hash.set(passwords.hash_password(form.password))],
            condition=CredentialItem.password_hash == credential.password_hash,
        )
    return start_session(user, user_agent=client.user_agent, address=client.address)


def sign_out(identity: Identity) -> None:
    """Ends the session and its sockets at once; an API key is no session."""
    if identity.session_id:
        end_session(identity.id, identity.session_id)
        disconnect_user(identity.id, session_id=identity.session_id)


def sign_out_everywhere(identity: Identity) -> None:
    """Ends every session and socket of a person at once."""
    found = read_with_credential(identity.id)
    if found:
        user = found[0]
        user.session_epoch += 1
        replace_user(user)
    after_sessions_ended(identity.id)


def change_own_password(identity: Identity, form: PasswordForm, address: str) -> None:
    """Changes a password; other sessions than this one, and their sockets, end at once.

    Raises `Invalid` when the present password is not right, `TooManyRequests`.
    """
    new = checks.password(form.new_password)
    PER_ADDRESS.take(address)
    PER_ACCOUNT.take(identity.user.email)
    found = read_with_credential(identity.id)
    if found is None or not passwords.matches(found[1].password_hash, form.password[: checks.MAX_PASSWORD + 1]):
        raise Invalid("The present password is not right. Check it and try again.")
    PER_ACCOUNT.give_back(identity.user.email)
    PER_ADDRESS.give_back(address)
    user = found[0]
    user.session_epoch += 1
    user.updated_at = now()
    kept = kept_session(identity, user.session_epoch)
    replace_user(user, password_hash=passwords.hash_password(new), keep_session=kept)
    after_sessions_ended(identity.id, keep=identity.session_id)


def after_sessions_ended(user_id: str, *, keep: str | None = None) -> None:
    """Tidies up after a new session epoch: session items go, sockets close."""
    sweep_sessions(user_id, keep=keep)
    disconnect_user(user_id, keep_session=keep)


def kept_session(identity: Identity, epoch: float) -> SessionItem | None:
    """The item of the session that asks, moved to a new epoch, so that it outlives the others; None with an API key."""
    if identity.session_id is None:
        return None
    (item,) = fetch_together((SessionItem, *SessionItem.key(identity.id, identity.session_id)))
    if not isinstance(item, SessionItem):
        raise Unauthorized(SESSION_ENDED)
    item.epoch = epoch
    return item


def _require_open(settings: AuthSection, first: bool) -> None:
    if not first and not settings.enable_signup:
        raise Forbidden("Sign-up is closed. Ask an admin for an account.")


def _checked_hash(form: SignUpForm) -> str:
    checks.email(form.email)
    checks.name(form.name)
    checks.image(form.profile_image_url)
    return passwords.hash_password(checks.password(form.password))


def _create(form: SignUpForm, role: Role, password_hash: str, *, first: bool) -> UserItem:
    moment = now()
    user = UserItem(
        user_id=str(uuid.uuid4()),
        email=checks.email(form.email),
        name=checks.name(form.name),
        role=role,
        created_at=moment,
        updated_at=moment,
        last_active_at=moment,
    )
    user.pk, user.sk = UserItem.key(user.user_id)
    user.profile_image_url, image = images.kept(user.user_id, form.profile_image_url)
    create_user(user, password_hash, first=first, image=image)
    return user
