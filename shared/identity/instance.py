"""Facts about the whole instance: who came first, how many people there are."""

import zlib

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from shared.identity.models import USER_SHARDS
from shared.storage.tables import Item, TableMeta, fetch_together


class FirstAdminItem(Item):
    """INSTANCE/FIRST_ADMIN: put once, by the first sign-up; whoever it names stays admin."""

    class Meta(metaclass=TableMeta):
        setting = "accounts_table"

    user_id = UnicodeAttribute()

    KEY = ("INSTANCE", "FIRST_ADMIN")


class UserCountItem(Item):
    """INSTANCE/USERS#<shard>: how many people of one shard there are, counted as they are added and removed."""

    class Meta(metaclass=TableMeta):
        setting = "accounts_table"

    people = NumberAttribute(default=0)

    @staticmethod
    def key(shard: int) -> tuple[str, str]:
        """The shard's (pk, sk)."""
        return "INSTANCE", f"USERS#{shard}"


def shard_of(user_id: str) -> int:
    """Which of the `USER_SHARDS` shards lists and counts a user."""
    return zlib.crc32(user_id.encode()) % USER_SHARDS


def first_admin_id() -> str | None:
    """The id of whoever signed up first, or None when nobody has."""
    (item,) = fetch_together((FirstAdminItem, *FirstAdminItem.KEY))
    return item.user_id if isinstance(item, FirstAdminItem) else None


def has_users() -> bool:
    """Whether anybody has an account."""
    return first_admin_id() is not None


def user_count() -> int:
    """How many people have an account; one round trip."""
    items = fetch_together(*((UserCountItem, *UserCountItem.key(shard)) for shard in range(USER_SHARDS)))
    return sum(int(item.people) for item in items if isinstance(item, UserCountItem))
