"""Who is here and which models are in use (contract: /api/usage, /api/v1/users/active), without a Scan."""

from shared.clock import now
from shared.realtime.connections import ACTIVE, RoomItem, of_user
from shared.storage.tables import Item, TableMeta

# Clients tell a model's use every second while it answers.
USAGE_SECONDS = 5


class UsageItem(Item):
    """USAGE/MODEL#<model id>: a model somebody used within the last seconds."""

    class Meta(metaclass=TableMeta):
        setting = "realtime_table"


def note_usage(model_id: str) -> None:
    """Notes that a model is being used now."""
    item = UsageItem("USAGE", f"MODEL#{model_id}")
    item.expires_at = now() + USAGE_SECONDS
    item.save()


def models_in_use() -> list[str]:
    """Ids of the models in use within the last `USAGE_SECONDS`, sorted."""
    stored = UsageItem.query("USAGE", UsageItem.sk.startswith("MODEL#"))
    return [item.sk.removeprefix("MODEL#") for item in stored if not item.expired]


def active_user_ids() -> list[str]:
    """Ids of the users with an open socket, sorted."""
    stored = RoomItem.by_list.query(ACTIVE, attributes_to_get=["gsi1sk", "expires_at"])
    return sorted({str(item.gsi1sk).partition("#")[0] for item in stored if not item.expired})


def is_active(user_id: str) -> bool:
    """Whether the user has an open socket."""
    return bool(of_user(user_id))
