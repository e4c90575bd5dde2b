"""API keys: one per person, of 256 random bits, stored as its hash only."""

import secrets

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from functions.accounts.store import Taken, change_together
from shared.clock import now
from shared.errors import Conflict, Forbidden, NotFound
from shared.identity.config import AuthSection
from shared.identity.models import ApiKeyItem, UserItem
from shared.identity.sessions import API_KEY_PREFIX, api_key_hash
from shared.sections import load
from shared.storage.tables import Item, TableMeta


class ApiKeyPointer(Item):
    """USER#<id>/APIKEY: the hash of a person's key, and its last letters to know it by."""

    class Meta(metaclass=TableMeta):
        setting = "accounts_table"

    key_hash = UnicodeAttribute()
    ending = UnicodeAttribute()
    created_at = NumberAttribute()

    @staticmethod
    def key(user_id: str) -> tuple[str, str]:
        """The pointer's (pk, sk)."""
        return f"USER#{user_id}", "APIKEY"


def create(user_id: str) -> str:
    """A new key in place of the one before, which is refused from now on. Raises `Forbidden`, `Conflict`."""
    if not load(AuthSection).enable_api_key:
        raise Forbidden("API keys are switched off on this server. Ask an admin.")
    key = API_KEY_PREFIX + secrets.token_urlsafe(32)
    before = pointer(user_id)
    unchanged = ApiKeyPointer.key_hash == before.key_hash if before else ApiKeyPointer.pk.does_not_exist()
    moment = now()

    try:
        with change_together() as transaction:
            transaction.condition_check(UserItem, *UserItem.key(user_id), condition=UserItem.pk.exists())
            if before:
                transaction.delete(_key_item(before.key_hash))
            item = _key_item(api_key_hash(key))
            item.user_id, item.created_at = user_id, moment
            transaction.save(item)
            following = ApiKeyPointer(
                *ApiKeyPointer.key(user_id), key_hash=api_key_hash(key), ending=key[-4:], created_at=moment
            )
            transaction.save(following, condition=unchanged)
    except Taken as taken:
        raise Conflict("Another API key was made at the same moment. Reload and try again.") from taken
    return key


def masked(user_id: str) -> str:
    """The key's first and last letters; raises `NotFound`."""
    stored = pointer(user_id)
    if stored is None:
        raise NotFound("There is no API key yet. Create one.")
    return f"{API_KEY_PREFIX}…{stored.ending}"


def delete(user_id: str) -> None:
    """Deletes the key; none is no error."""
    stored = pointer(user_id)
    if stored:
        delete_key(stored.key_hash)
        stored.delete(condition=ApiKeyPointer.key_hash == stored.key_hash)


def pointer(user_id: str) -> ApiKeyPointer | None:
    """What is stored about a person's key."""
    try:
        return ApiKeyPointer.get(*ApiKeyPointer.key(user_id), consistent_read=True)
    except ApiKeyPointer.DoesNotExist:
        return None


def delete_key(key_hash: str) -> None:
    """Deletes a key by its hash: it is refused from now on."""
    _key_item(key_hash).delete()


def _key_item(key_hash: str) -> ApiKeyItem:
    return ApiKeyItem(f"APIKEY#{key_hash}", "APIKEY")
