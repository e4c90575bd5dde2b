"""What the chats table says now of chats and messages, as the index has it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from shared.chats import bodies, reading
from shared.chats.compose import running_task
from shared.chats.models import HEAD, ChatHead, MessageItem, partition
from shared.chats.search.shard import TITLE, Chat, Shard
from shared.chats.search.text import searchable
from shared.chats.tags import ids_of
from shared.parallel import in_parallel
from shared.storage.tables import fetch_all

_HEAD = ("chat_id", "user_id", "title", "updated_at", "version", "pinned", "archived", "folder_id", "share_id", "meta")


@dataclass(frozen=True)
class Source:
    """A chat and texts of it by message, empty ones for messages that say nothing or are not there."""

    chat: Chat
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def void(self) -> list[str] | None:
        """The messages that say nothing any more; None stands for all of a chat that is gone."""
        return None if self.chat.gone else [message_id for message_id, text in self.texts.items() if not text]

    def put(self, shard: Shard, *, tombstones: bool) -> None:
        """Puts it into a shard; without `tombstones` what says nothing is left out, where no shard can have it."""
        if self.chat.gone and not tombstones:
            return
        shard.put_chat(self.chat)
        if self.chat.gone:
            return
        for message_id, text in self.texts.items():
            if text or tombstones:
                shard.put_text(self.chat.id, message_id, text)


def read(user_id: str, chats: Mapping[str, Sequence[str]]) -> list[Source]:
    """Chats of a person as they are now, with these messages; one that is another person's counts as gone."""
    heads = _heads(user_id, chats)
    items = reading.several((chat_id, message_id) for chat_id in heads for message_id in chats[chat_id])
    return [_source(heads.get(chat_id), chat_id, ids, items.get(chat_id, {})) for chat_id, ids in chats.items()]


def read_whole(user_id: str, chat_ids: Sequence[str]) -> list[Source]:
    """Chats of a person that are there, with all their messages."""
    heads = _heads(user_id, chat_ids)
    return in_parallel(lambda head: _described(head, reading.items(head.chat_id)), heads.values())


def _heads(user_id: str, chat_ids: Iterable[str]) -> dict[str, ChatHead]:
    heads = fetch_all(ChatHead, ((partition(chat_id), HEAD) for chat_id in chat_ids), (*_HEAD, "gsi1pk"))
    return {head.chat_id: head for head in heads if head.user_id == user_id and not head.deleting}


def _source(
    head: ChatHead | None, chat_id: str, message_ids: Sequence[str], items: Mapping[str, MessageItem]
) -> Source:
    if head is None:
        return Source(Chat(chat_id, gone=True))
    absent = dict.fromkeys(set(message_ids) - set(items), "")
    source = _described(head, items.values())
    return Source(source.chat, {**source.texts, **absent})


def _described(head: ChatHead, items: Iterable[MessageItem]) -> Source:
    stored = {item.message_id: item for item in items}
    messages = bodies.messages_of(stored.values())
    texts = {key: searchable(message.get("content")) for key, message in messages.items() if not running_task(message)}
    # A message that says nothing and never did is in no shard.
    texts = {key: text for key, text in texts.items() if text or stored[key].past}
    chat = Chat(
        id=head.chat_id,
        updated_at=int(head.updated_at),
        version=int(head.version),
        archived=bool(head.archived),
        pinned=bool(head.pinned),
        shared=head.share_id is not None,
        folder=head.folder_id,
        tags=tuple(ids_of(head)),
    )
    return Source(chat, {TITLE: head.title, **texts})
