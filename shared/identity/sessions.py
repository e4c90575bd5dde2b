"""Sessions and API keys: create, check, end."""

import hashlib
import uuid
from dataclasses import dataclass

from shared.clock import now
from shared.errors import Forbidden, Unauthorized
from shared.identity import tokens
from shared.identity.config import AuthSection, lifetime_seconds
from shared.identity.models import ApiKeyItem, Role, SessionItem, UserItem
from shared.sections import load
from shared.storage.tables import delete_all, fetch_together

API_KEY_PREFIX = "sk-"


@dataclass(frozen=True)
class Identity:
    """Somebody who proved who they are; `session_id` is None with an API key."""

    user: UserItem
    session_id: str | None
    token: str
    expires_at: int | None

    @property
    def id(self) -> str:
        """The user's id."""
        return self.user.user_id

    @property
    def role(self) -> Role:
        """The user's role, as stored now."""
        return self.user.role  # type: ignore[return-value]

    @property
    def is_admin(self) -> bool:
        """Whether this is an admin."""
        return self.role == "admin"

    @property
    def group_ids(self) -> frozenset[str]:
        """The groups the user is in: none, as long as there are no groups."""
        return frozenset()


def start_session(user: UserItem, *, user_agent: str | None = None, address: str | None = None) -> Identity:
    """Signs a user in: a session item and its token, living as long as the admin's settings say.

    The session belongs to the epoch of `user` as read before the password was checked: a password change in between
    leaves it void.
    """
    lifetime = lifetime_seconds(load(AuthSection).jwt_expires_in)
    expires_at = None if lifetime is None else now() + lifetime
    session_id = uuid.uuid4().hex
    item = SessionItem(
        *SessionItem.key(user.user_id, session_id),
        epoch=user.session_epoch,
        created_at=now(),
        user_agent=user_agent,
        address=address,
    )
    item.expires_at = expires_at
    item.save()
    claims = tokens.Claims(user.user_id, session_id, expires_at)
    return Identity(user, session_id, tokens.issue(claims), expires_at)


def authenticate(token: str) -> Identity:
    """Who a session token or API key belongs to; one consistent round trip for a token. Raises `Unauthorized`."""
    if token.startswith(API_KEY_PREFIX):
        return _authenticate_key(token)
    claims = tokens.read(token)
    user = session_user(claims.user_id, claims.session_id)
    if user is None:
        raise Unauthorized(tokens.SESSION_ENDED)
    return Identity(user, claims.session_id, token, claims.expires_at)


def session_user(user_id: str, session_id: str) -> UserItem | None:
    """Whose session it is while it lasts, otherwise None; one consistent round trip."""
    user, session = fetch_together(
        (UserItem, *UserItem.key(user_id)), (SessionItem, *SessionItem.key(user_id, session_id))
    )
    if not isinstance(user, UserItem) or not isinstance(session, SessionItem) or session.epoch != user.session_epoch:
        return None
    return user


def end_session(user_id: str, session_id: str) -> None:
    """Ends one session; its token is refused from now on."""
    delete_all(SessionItem, [SessionItem.key(user_id, session_id)])


def sweep_sessions(user_id: str, *, keep: str | None = None) -> None:
    """Deletes the session items of a user, except the one named: tidies up after `session_epoch` ended them."""
    stored = SessionItem.query(
        f"USER#{user_id}", SessionItem.sk.startswith("SESSION#"), consistent_read=True, attributes_to_get=["pk", "sk"]
    )
    delete_all(SessionItem, [(item.pk, item.sk) for item in stored if item.sk != f"SESSION#{keep}"])


def api_key_hash(key: str) -> str:
    """What of an API key is stored: its SHA-256 (a key is 256 random bits, so a slow hash would add nothing)."""
    return hashlib.sha256(key.encode()).hexdigest()


def _authenticate_key(key: str) -> Identity:
    if not load(AuthSection).enable_api_key:
        raise Forbidden("API keys are switched off on this server. Ask an admin, or sign in.")
    try:
        owner = ApiKeyItem.get(f"APIKEY#{api_key_hash(key)}", "APIKEY", consistent_read=True).user_id
        user = UserItem.get(*UserItem.key(owner), consistent_read=True)
    except (ApiKeyItem.DoesNotExist, UserItem.DoesNotExist) as error:
        raise Unauthorized("This API key is not valid. Create a new one in your account settings.") from error
    return Identity(user, None, key, None)
