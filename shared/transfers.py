"""Where imports and exports keep what they work on, and how all of one person's goes with them."""

from shared.storage import objects
from shared.storage.tables import Item, TableMeta, delete_all


class TransferItem(Item):
    """TRANSFER#<user id>/<kind>#<job id>: an import or an export of a person."""

    class Meta(metaclass=TableMeta):
        setting = "chats_table"


def partition(user_id: str) -> str:
    """The partition key of a person's imports and exports."""
    return f"TRANSFER#{user_id}"


def imports_prefix(user_id: str) -> str:
    """Where the files are that a person uploads to import."""
    return f"imports/{user_id}/"


def exports_prefix(user_id: str) -> str:
    """Where the files of a person's exports are."""
    return f"exports/{user_id}/"


def forget(user_id: str) -> None:
    """Deletes all imports and exports of a person with their files; a worker that is at one finds it gone, and ends."""
    delete_all(TransferItem, [(item.pk, item.sk) for item in TransferItem.query(partition(user_id))])
    for prefix in (imports_prefix(user_id), exports_prefix(user_id)):
        objects.delete(*objects.keys(prefix))
