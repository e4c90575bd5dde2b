"""Tags: on a chat, and those of a person with the number of chats that have them.

`replace(chat_id, names)` gives a chat exactly these tags; `add` and `remove` change one.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from shared.chats import writing
from shared.chats.merge import SERVER
from shared.chats.models import (
    TAG_PREFIX,
    ChatHead,
    ChatTagItem,
    TagItem,
    list_key,
    list_position,
    tags_partition,
)
from shared.chats.writing import Plan
from shared.errors import Invalid
from shared.storage.tables import fetch_together, transaction, written

NAME_LENGTH = 100
# A change of all of them has to fit into one transaction: two actions for each that comes or goes.
MOST = 20
_UNTAGGED = "none"  # in a search, `tag:none` stands for chats without a tag


@dataclass(frozen=True)
class Tag:
    """A tag of a person."""

    id: str
    name: str
    user_id: str


def id_of(name: str) -> str:
    """The id of a tag (contract: lower case, an underscore for each space)."""
    return name.replace(" ", "_").lower()


def cleaned(name: str) -> str:
    """A name as it is stored: without spaces around it, and without half emojis."""
    return name.strip().encode(errors="replace").decode()


def of_person(user_id: str) -> list[Tag]:
    """All tags of a person, by name; one query."""
    items = TagItem.query(tags_partition(user_id), consistent_read=True)
    found = [Tag(item.sk.removeprefix(TAG_PREFIX), item.name, user_id) for item in items if item.chats > 0]
    return sorted(found, key=lambda tag: (tag.name.casefold(), tag.id))


def of_chat(head: ChatHead) -> list[Tag]:
    """The tags of a chat, in the order they were given."""
    ids = ids_of(head)
    if not ids:
        return []
    items = fetch_together(*((TagItem, *TagItem.key(head.user_id, tag_id)) for tag_id in ids))
    return [
        Tag(tag_id, item.name if isinstance(item, TagItem) else tag_id, head.user_id)
        for tag_id, item in zip(ids, items, strict=True)
    ]


def ids_of(head: ChatHead) -> list[str]:
    """The ids of a chat's tags."""
    return [str(tag_id) for tag_id in (head.meta or {}).get("tags") or ()]


def add(chat_id: str, name: str) -> ChatHead:
    """Gives a chat one tag more; returns its head. Raises `Invalid`, `NotFound`."""
    name = _checked(name)
    return _change(chat_id, lambda names: {**names, id_of(name): names.get(id_of(name)) or name})


def remove(chat_id: str, name: str) -> ChatHead:
    """Takes a tag from a chat; returns its head. Raises `NotFound`."""
    return _change(chat_id, lambda names: {key: kept for key, kept in names.items() if key != id_of(cleaned(name))})


def replace(chat_id: str, names: Iterable[str]) -> ChatHead:
    """Gives a chat exactly these tags, at most `MOST`; returns its head. Names that are none are left out."""
    wanted = usable(names)
    return _change(chat_id, lambda _: wanted)


def named(tag_ids: object) -> dict[str, str]:
    """Tags that come with a chat from elsewhere, as ids: names by id (contract: "my_tag" is called "My Tag")."""
    listed = [tag_id for tag_id in tag_ids if isinstance(tag_id, str)] if isinstance(tag_ids, list) else []
    return usable(" ".join(word.capitalize() for word in tag_id.replace("_", " ").split()) for tag_id in listed)


def usable(names: Iterable[object]) -> dict[str, str]:
    """Those names that can be a tag's, by id, at most `MOST`."""
    found: dict[str, str] = {}
    for name in names:
        text = cleaned(name) if isinstance(name, str) else ""
        if 0 < len(text) <= NAME_LENGTH and id_of(text) != _UNTAGGED:
            found.setdefault(id_of(text), text)
    return dict(list(found.items())[:MOST])


def put(plan: Plan, wanted: dict[str, str]) -> None:
    """Lets a plan give its chat these tags (names by id): on the head, in their lists, and in the person's counts."""
    head, before = plan.head, ids_of(plan.head)
    if list(wanted) == before:
        return
    plan.head_changed = True
    head.meta = {**(head.meta or {}), "tags": list(wanted)}
    user_id, chat_id, created_at = head.user_id, head.chat_id, int(head.created_at)

    def come(transaction: TransactWrite, tag_id: str, name: str) -> None:
        item = ChatTagItem(*ChatTagItem.key(chat_id, tag_id), chat_id=chat_id)
        item.gsi1pk, item.gsi1sk = list_key(user_id, f"tag:{tag_id}"), list_position(created_at, chat_id)
        transaction.save(item)
        counted: list[Action] = [TagItem.name.set(TagItem.name | name), TagItem.chats.add(1)]
        transaction.update(TagItem(*TagItem.key(user_id, tag_id)), counted)

    def write(transaction: TransactWrite) -> None:
        for tag_id, name in wanted.items():
            if tag_id not in before:
                come(transaction, tag_id, name)
        for tag_id in before:
            if tag_id not in wanted:
                _go(transaction, chat_id, user_id, tag_id)

    plan.also.append(write)


def forget(chat_id: str, user_id: str, tag_ids: Sequence[str]) -> None:
    """Takes the tags from a chat that is being deleted; each counts once, however often this is repeated."""
    for tag_id in tag_ids:
        try:
            with transaction() as writes:
                _go(writes, chat_id, user_id, tag_id)
        except TransactWriteError as error:
            # Another transaction may have been in the way of the rest of it, too.
            if not any(reason and reason.code == "ConditionalCheckFailed" for reason in error.cancellation_reasons):
                raise
    _tidy(user_id, tag_ids)


def _change(chat_id: str, change: Callable[[dict[str, str]], dict[str, str]]) -> ChatHead:
    gone: list[str] = []

    def work_out() -> Plan:
        plan = Plan(writing.get_head(chat_id), touch=False)
        before = ids_of(plan.head)
        wanted = change(dict.fromkeys(before, ""))
        if len(wanted) > MOST:
            raise Invalid(f"A chat can have {MOST} tags at most. Take one off first.")
        put(plan, wanted)
        gone[:] = [tag_id for tag_id in before if tag_id not in wanted]
        return plan

    head = writing.write(chat_id, SERVER, work_out).head
    _tidy(head.user_id, gone)
    return head


def _go(transaction: TransactWrite, chat_id: str, user_id: str, tag_id: str) -> None:
    transaction.delete(ChatTagItem(*ChatTagItem.key(chat_id, tag_id)), ChatTagItem.pk.exists())
    transaction.update(TagItem(*TagItem.key(user_id, tag_id)), [TagItem.chats.add(-1)])


def _tidy(user_id: str, tag_ids: Iterable[str]) -> None:
    """Deletes those of the tags that no chat has any more."""
    for tag_id in tag_ids:
        written(TagItem(*TagItem.key(user_id, tag_id)).delete, TagItem.chats <= 0)


def _checked(name: str) -> str:
    name = cleaned(name)
    if not name or len(name) > NAME_LENGTH:
        raise Invalid(f"A tag has 1 to {NAME_LENGTH} characters.")
    if id_of(name) == _UNTAGGED:
        raise Invalid('A tag cannot be called "none": in a search that stands for chats without one.')
    return name
