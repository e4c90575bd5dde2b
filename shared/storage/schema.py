"""The tables, defined once: the data stack creates them, the item models and the tests read them.

Every table has `pk` and `sk` (strings) and the TTL attribute `expires_at` (epoch seconds). DynamoDB deletes expired
items late, so an expired item counts as absent (`Item.expired`). Where a table is listed by something other than its
key it has one index, `gsi1`.
"""

from dataclasses import dataclass, field

PARTITION_KEY, SORT_KEY, TTL_ATTRIBUTE = "pk", "sk", "expires_at"
INDEX, INDEX_PARTITION_KEY, INDEX_SORT_KEY = "gsi1", "gsi1pk", "gsi1sk"


@dataclass(frozen=True)
class TableSchema:
    """A table of one domain. `listed` names the attributes its index carries; None: all; no index without `indexed`.

    `streamed`: its changes, with what was there before, go to a function that follows them.
    """

    name: str
    indexed: bool = False
    listed: tuple[str, ...] | None = field(default=None)
    streamed: bool = False


ACCOUNTS = TableSchema(
    "accounts",
    indexed=True,
    listed=("user_id", "name", "email", "role", "profile_image_url", "last_active_at", "created_at", "updated_at"),
)
CHATS = TableSchema(
    "chats",
    indexed=True,
    listed=("chat_id", "user_id", "title", "created_at", "updated_at", "pinned", "archived", "folder_id"),
    streamed=True,
)
KNOWLEDGE = TableSchema("knowledge", indexed=True)
REALTIME = TableSchema("realtime", indexed=True)
PLATFORM = TableSchema("platform")
WORKSPACE = TableSchema(
    "workspace",
    indexed=True,
    listed=(
        "user_id",
        "type",
        "data",
        "meta",
        "extra",
        "snapshot_key",
        "version",
        "created_at",
        "updated_at",
        "vote",
    ),
)

TABLES = (ACCOUNTS, CHATS, KNOWLEDGE, REALTIME, PLATFORM, WORKSPACE)


def table_name(stage: str, schema: TableSchema) -> str:
    """The physical name of a table in a stage."""
    return f"cirrus-{stage}-{schema.name}"
