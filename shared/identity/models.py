"""Items of the accounts table that every function needs to know who is asking."""

from typing import Literal

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute, VersionAttribute

from shared.storage.tables import ByList, Item, TableMeta

Role = Literal["admin", "user", "pending"]
ROLES: tuple[Role, ...] = ("admin", "user", "pending")

# People are listed in as many partitions of the index, read side by side. Never change it for a stage that runs.
USER_SHARDS = 8


class UserItem(Item):
    """USER#<id>/USER: a person. The password's hash and the image are other items: every request reads this one.

    `session_epoch` grows when all sessions must end: those of an earlier epoch are refused from that write on.
    """

    class Meta(metaclass=TableMeta):
        setting = "accounts_table"

    user_id = UnicodeAttribute()
    email = UnicodeAttribute()
    name = UnicodeAttribute()
    role = UnicodeAttribute()
    profile_image_url = UnicodeAttribute(default="/user.png")
    username = UnicodeAttribute(null=True)
    bio = UnicodeAttribute(null=True)
    gender = UnicodeAttribute(null=True)
    date_of_birth = UnicodeAttribute(null=True)
    info = JSONAttribute(null=True)
    settings = JSONAttribute(null=True)
    session_epoch = NumberAttribute(default=0)
    created_at = NumberAttribute()
    updated_at = NumberAttribute()
    last_active_at = NumberAttribute()
    gsi1pk = UnicodeAttribute(null=True)
    gsi1sk = UnicodeAttribute(null=True)
    by_list = ByList()
    version = VersionAttribute()

    @staticmethod
    def key(user_id: str) -> tuple[str, str]:
        """The user's (pk, sk)."""
        return f"USER#{user_id}", "USER"


class SessionItem(Item):
    """USER#<id>/SESSION#<session id>: a sign-in that lasts while this item does and its epoch is the user's."""

    class Meta(metaclass=TableMeta):
        setting = "accounts_table"

    epoch = NumberAttribute(default=0)
    created_at = NumberAttribute()
    user_agent = UnicodeAttribute(null=True)
    address = UnicodeAttribute(null=True)

    @staticmethod
    def key(user_id: str, session_id: str) -> tuple[str, str]:
        """The session's (pk, sk)."""
        return f"USER#{user_id}", f"SESSION#{session_id}"


class ApiKeyItem(Item):
    """APIKEY#<sha256 of the key>/APIKEY: leads from a key to its owner; the key itself is stored nowhere."""

    class Meta(metaclass=TableMeta):
        setting = "accounts_table"

    user_id = UnicodeAttribute()
    created_at = NumberAttribute()
