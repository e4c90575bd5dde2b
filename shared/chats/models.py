"""Items of the chats table.

One partition per chat: its head, its messages and the images that belong to it; and one per person: their folders.
"""

import re
from typing import Any

from pynamodb.attributes import BooleanAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute

from shared.clock import padded
from shared.errors import Invalid
from shared.storage.tables import ByList, Item, TableMeta

# A message in the contract's shape: id, parentId, childrenIds, role, content, timestamp … and whatever a client adds.
Message = dict[str, Any]
Fields = dict[str, Any]

HEAD = "HEAD"
MESSAGE_PREFIX = "MSG#"
IMAGE_PREFIX = "IMG#"
TAG_PREFIX = "TAG#"
FOLDER_PREFIX = "FOLDER#"
DELETING = "DELETING"
NEW_CHAT = "New Chat"

_ID = re.compile(r"[A-Za-z0-9_.:@=+-]{1,128}")


def valid_id(text: object) -> str:
    """The id a client gave; raises `Invalid` when it could not be part of a key."""
    if isinstance(text, str) and _ID.fullmatch(text):
        return text
    raise Invalid("An id has 1 to 128 letters, digits or one of _ . : @ = + -")


def partition(chat_id: str) -> str:
    """The partition key of a chat."""
    return f"CHAT#{chat_id}"


def folders_partition(user_id: str) -> str:
    """The partition key of a person's folders."""
    return f"FOLDERS#{user_id}"


def tags_partition(user_id: str) -> str:
    """The partition key of a person's tags."""
    return f"TAGS#{user_id}"


def chores_partition(user_id: str) -> str:
    """The partition key of what is still to be done for a person."""
    return f"CHORES#{user_id}"


def list_key(user_id: str, kind: str) -> str:
    """The index partition of a list: kind is main, pinned, archived, folder:<id> or tag:<id>."""
    return f"LIST#{user_id}#{kind}"


def list_position(updated_at: int, chat_id: str) -> str:
    """Where a chat stands in its list."""
    return f"{padded(updated_at, 12)}#{chat_id}"


class ChatHead(Item):
    """CHAT#<id>/HEAD: all of a chat but its messages. Times in seconds; `version` grows by each write.

    `fields` is the chat JSON without title and messages (models, params, files, …), or lies in S3 at `fields_key`.
    """

    class Meta(metaclass=TableMeta):
        setting = "chats_table"

    chat_id = UnicodeAttribute()
    user_id = UnicodeAttribute()
    title = UnicodeAttribute()
    created_at = NumberAttribute()
    updated_at = NumberAttribute()
    pinned = BooleanAttribute(default=False)
    archived = BooleanAttribute(default=False)
    folder_id = UnicodeAttribute(null=True)
    share_id = UnicodeAttribute(null=True)
    meta = JSONAttribute(null=True)
    current_id = UnicodeAttribute(null=True)
    fields = JSONAttribute(null=True)
    fields_key = UnicodeAttribute(null=True)
    lists_messages = BooleanAttribute(default=False)
    version = NumberAttribute(default=0)
    schema_version = NumberAttribute(default=1)
    gsi1pk = UnicodeAttribute(null=True)
    gsi1sk = UnicodeAttribute(null=True)
    by_list = ByList()

    @property
    def deleting(self) -> bool:
        """Whether its deletion has begun; then it counts as absent."""
        return self.gsi1pk == DELETING

    @property
    def kind(self) -> str:
        """The list it stands in."""
        if self.archived:
            return "archived"
        if self.pinned:
            return "pinned"
        return f"folder:{self.folder_id}" if self.folder_id else "main"

    def place(self) -> None:
        """Puts it into its list, at its time."""
        self.gsi1pk = list_key(self.user_id, self.kind)
        self.gsi1sk = list_position(int(self.updated_at), self.chat_id)


class MessageItem(Item):
    """CHAT#<id>/MSG#<message id>: one message; `body` is its JSON, or lies in S3 at `body_key`.

    `version` is the head's when it was last written, `writer` who wrote it then, `creator` who wrote it first,
    `past` the hashes of what it said before: with them a stale copy is told from an edit (`shared.chats.merge`).
    `position` orders siblings.
    """

    class Meta(metaclass=TableMeta):
        setting = "chats_table"

    message_id = UnicodeAttribute()
    parent_id = UnicodeAttribute(null=True)
    hash = UnicodeAttribute()
    past = JSONAttribute(null=True)
    version = NumberAttribute()
    writer = UnicodeAttribute()
    creator = UnicodeAttribute()
    position = NumberAttribute()
    size = NumberAttribute()
    body = UnicodeAttribute(null=True)
    body_key = UnicodeAttribute(null=True)

    @staticmethod
    def key(chat_id: str, message_id: str) -> tuple[str, str]:
        """The message's (pk, sk)."""
        return partition(chat_id), MESSAGE_PREFIX + message_id


class ImageItem(Item):
    """CHAT#<id>/IMG#<file id>: an image in this chat; written before the image, so that none is ever forgotten."""

    class Meta(metaclass=TableMeta):
        setting = "chats_table"


class FolderItem(Item):
    """FOLDERS#<user id>/FOLDER#<folder id>: a folder, without what the answers in it need. Times in seconds.

    `fields` has what a client added beyond the contract.
    """

    class Meta(metaclass=TableMeta):
        setting = "chats_table"

    folder_id = UnicodeAttribute()
    name = UnicodeAttribute()
    parent_id = UnicodeAttribute(null=True)
    meta = JSONAttribute(null=True)
    fields = JSONAttribute(null=True)
    is_expanded = BooleanAttribute(default=False)
    created_at = NumberAttribute()
    updated_at = NumberAttribute()

    @staticmethod
    def key(user_id: str, folder_id: str) -> tuple[str, str]:
        """The folder's (pk, sk)."""
        return folders_partition(user_id), FOLDER_PREFIX + folder_id


class FolderTreeItem(Item):
    """FOLDERS#<user id>/TREE: grows by each change of a person's folders, so that two changes cannot cross."""

    class Meta(metaclass=TableMeta):
        setting = "chats_table"

    version = NumberAttribute(default=0)

    @staticmethod
    def key(user_id: str) -> tuple[str, str]:
        """The (pk, sk) of the version of a person's folders."""
        return folders_partition(user_id), "TREE"


class FolderDataItem(Item):
    """FOLDERS#<user id>/DATA#<folder id>: system prompt, files and whatever else answers in a folder need."""

    class Meta(metaclass=TableMeta):
        setting = "chats_table"

    data = JSONAttribute(null=True)

    @staticmethod
    def key(user_id: str, folder_id: str) -> tuple[str, str]:
        """The (pk, sk) of a folder's data."""
        return folders_partition(user_id), f"DATA#{folder_id}"


class ChatTagItem(Item):
    """CHAT#<id>/TAG#<tag id>: a tag on a chat, listed by when the chat was made."""

    class Meta(metaclass=TableMeta):
        setting = "chats_table"

    chat_id = UnicodeAttribute()
    gsi1pk = UnicodeAttribute()
    gsi1sk = UnicodeAttribute()
    by_list = ByList()

    @staticmethod
    def key(chat_id: str, tag_id: str) -> tuple[str, str]:
        """The (pk, sk) of a chat's tag."""
        return partition(chat_id), TAG_PREFIX + tag_id


class TagItem(Item):
    """TAGS#<user id>/TAG#<tag id>: a tag of a person, and how many of their chats have it."""

    class Meta(metaclass=TableMeta):
        setting = "chats_table"

    name = UnicodeAttribute()
    chats = NumberAttribute(default=0)

    @staticmethod
    def key(user_id: str, tag_id: str) -> tuple[str, str]:
        """The tag's (pk, sk)."""
        return tags_partition(user_id), TAG_PREFIX + tag_id


class ShareItem(Item):
    """SHARE#<share id>/SHARE: a chat as it was when it was shared last; its JSON lies in S3 at `body_key`.

    `files` are the images that whoever may read it may see. Times in seconds.
    """

    class Meta(metaclass=TableMeta):
        setting = "chats_table"

    share_id = UnicodeAttribute()
    chat_id = UnicodeAttribute()
    user_id = UnicodeAttribute()
    title = UnicodeAttribute()
    created_at = NumberAttribute()
    updated_at = NumberAttribute()
    body_key = UnicodeAttribute()
    files = JSONAttribute(null=True)

    @staticmethod
    def key(share_id: str) -> tuple[str, str]:
        """The (pk, sk) of a share."""
        return f"SHARE#{share_id}", "SHARE"


class ChoreItem(Item):
    """CHORES#<user id>/<id>: a change to many chats of a person that is to be carried out to the end."""

    class Meta(metaclass=TableMeta):
        setting = "chats_table"

    action = UnicodeAttribute()
    folder_ids = JSONAttribute(null=True)
    started_at = NumberAttribute()
    gsi1pk = UnicodeAttribute()
    gsi1sk = UnicodeAttribute()
    by_list = ByList()
