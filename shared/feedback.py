"""What people think of answers.

Beside each feedback lie a pointer from its person to it and, when it is a vote, a small item with just that, so that
the leaderboard reads some 200 bytes of each and no comments. The chat as it was lies in S3. Ids sort by time.
"""

import json
import secrets
import time
import uuid
from collections.abc import Iterable, Sequence
from typing import Self

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute

from shared.clock import now
from shared.parallel import in_parallel
from shared.storage import objects
from shared.storage.tables import ByList, Item, TableMeta, delete_all

FEEDBACKS, VOTES, PREFIX = "FEEDBACKS", "VOTES", "FEEDBACK#"
_SNAPSHOTS = "feedback/"
COPIED_VOTES = "votes.json.gz"
"""Where whoever counts votes keeps a copy of them."""
_DELETED_TOGETHER = 8  # three items each, 25 in a batch
CHANGES_KEPT_SECONDS = 30 * 86_400
_MANY = 100
_PAGE = 1000


class FeedbackItem(Item):
    """FEEDBACK#<id>/FEEDBACK; `version` counts its changes. Listed in FEEDBACKS by id."""

    class Meta(metaclass=TableMeta):
        setting = "workspace_table"

    user_id = UnicodeAttribute()
    type = UnicodeAttribute()
    data = JSONAttribute(null=True)
    meta = JSONAttribute(null=True)
    extra = JSONAttribute(null=True)
    snapshot_key = UnicodeAttribute(null=True)
    version = NumberAttribute(default=0)
    created_at = NumberAttribute()
    updated_at = NumberAttribute()
    gsi1pk = UnicodeAttribute(null=True)
    gsi1sk = UnicodeAttribute(null=True)
    by_list = ByList()

    @staticmethod
    def key(feedback_id: str) -> tuple[str, str]:
        """The feedback's (pk, sk)."""
        return f"{PREFIX}{feedback_id}", "FEEDBACK"

    @property
    def feedback_id(self) -> str:
        """Its id."""
        return self.pk.removeprefix(PREFIX)


class OwnFeedbackItem(Item):
    """USER#<user id>/FEEDBACK#<id>: leads from a person to their feedback."""

    class Meta(metaclass=TableMeta):
        setting = "workspace_table"

    @staticmethod
    def key(user_id: str, feedback_id: str) -> tuple[str, str]:
        """The pointer's (pk, sk)."""
        return f"USER#{user_id}", f"{PREFIX}{feedback_id}"


class VoteItem(Item):
    """VOTE#<feedback id>/VOTE: JSON of rating, model, the models it was compared with, tags. Listed in VOTES by id."""

    class Meta(metaclass=TableMeta):
        setting = "workspace_table"

    vote = UnicodeAttribute()
    gsi1pk = UnicodeAttribute(null=True)
    gsi1sk = UnicodeAttribute(null=True)

    @staticmethod
    def key(feedback_id: str) -> tuple[str, str]:
        """The vote's (pk, sk)."""
        return f"VOTE#{feedback_id}", "VOTE"

    @classmethod
    def of(cls, feedback_id: str, vote: str) -> Self:
        """The vote in its place on the list."""
        return cls(*cls.key(feedback_id), vote=vote, gsi1pk=VOTES, gsi1sk=feedback_id)


class VoteChangeItem(Item):
    """VOTES/CHANGE#<id>: a vote that was changed or deleted, for those who keep votes. The id sorts by time."""

    class Meta(metaclass=TableMeta):
        setting = "workspace_table"

    feedback_id = UnicodeAttribute()

    PREFIX = "CHANGE#"

    @classmethod
    def of(cls, feedback_id: str) -> Self:
        """A change of now."""
        return cls(VOTES, cls.PREFIX + new_id(), feedback_id=feedback_id, expires_at=now() + CHANGES_KEPT_SECONDS)


class VoteChangesItem(Item):
    """INSTANCE/VOTES: how often, and when last (epoch seconds), many votes were deleted at once.

    Whoever keeps votes then reads all of them anew.
    """

    class Meta(metaclass=TableMeta):
        setting = "workspace_table"

    changes = NumberAttribute(default=0)
    changed_at = NumberAttribute(default=0)

    KEY = ("INSTANCE", "VOTES")


def new_id(milliseconds: int | None = None) -> str:
    """An id that sorts by time: UUID version 7 (RFC 9562, section 5.7)."""
    stamp = milliseconds if milliseconds is not None else time.time_ns() // 1_000_000
    number = (stamp << 80) | secrets.randbits(80)
    number = (number & ~(0xF << 76)) | (7 << 76)
    number = (number & ~(0x3 << 62)) | (0x2 << 62)
    return str(uuid.UUID(int=number))


def snapshot_key(user_id: str, feedback_id: str) -> str:
    """Where the chat as it was lies."""
    return f"{_SNAPSHOTS}{user_id}/{feedback_id}.json.gz"


def vote_of(item: FeedbackItem) -> str | None:
    """What the feedback says to the leaderboard, None when that is nothing: no thumb up or down, or of no model."""
    data, meta = item.data or {}, item.meta or {}
    rating, model = str(data.get("rating")), data.get("model_id")
    if rating not in ("1", "-1") or not isinstance(model, str) or not model:
        return None
    others = [one for one in dict.fromkeys(data.get("sibling_model_ids") or ()) if one != model]
    tags = [str(tag)[:100] for tag in _entries(meta.get("tags"))[:20]]
    return json.dumps([int(rating), model, others[:20], tags], ensure_ascii=False, separators=(",", ":"))


def changed_votes(feedback_ids: Sequence[str]) -> None:
    """Notes that votes were deleted."""
    if len(feedback_ids) <= _MANY:
        with VoteChangeItem.batch_write() as batch:
            for feedback_id in feedback_ids:
                batch.save(VoteChangeItem.of(feedback_id))
        return
    item = VoteChangesItem(*VoteChangesItem.KEY)
    item.update([VoteChangesItem.changes.add(1), VoteChangesItem.changed_at.set(now())])
    objects.delete(COPIED_VOTES)


def ids_of(user_id: str) -> list[str]:
    """The ids of a person's feedback, newest first."""
    pk, sk = OwnFeedbackItem.key(user_id, "")
    own = OwnFeedbackItem.query(pk, OwnFeedbackItem.sk.startswith(sk), scan_index_forward=False, consistent_read=True)
    return [item.sk.removeprefix(PREFIX) for item in own]


def listed(after: str | None = None, limit: int | None = None) -> list[FeedbackItem]:
    """Everybody's feedback, newest first: all of it, or `limit` at most of what is older than `after`."""
    older = FeedbackItem.gsi1sk < after if after else None
    found = FeedbackItem.by_list.query(FEEDBACKS, older, scan_index_forward=False, limit=limit, page_size=_PAGE)
    return list(found)


def delete_of(user_id: str) -> bool:
    """Deletes all feedback of a person; returns whether there was any."""
    ids = ids_of(user_id)
    _delete((user_id, feedback_id) for feedback_id in ids)
    objects.delete(*objects.keys(f"{_SNAPSHOTS}{user_id}/"))
    return bool(ids)


def delete_everything() -> bool:
    """Deletes all feedback of everybody; returns whether there was any."""
    stored = FeedbackItem.by_list.query(FEEDBACKS, page_size=_PAGE, attributes_to_get=["pk", "sk", "user_id"])
    found = [(item.user_id, item.feedback_id) for item in stored]
    _delete(found)
    objects.delete(*objects.keys(_SNAPSHOTS))
    return bool(found)


def keys_of(user_id: str, feedback_id: str) -> list[tuple[str, str]]:
    """The keys of all items of one feedback, the one that lists it last: a deletion that broke off can be repeated."""
    return [VoteItem.key(feedback_id), OwnFeedbackItem.key(user_id, feedback_id), FeedbackItem.key(feedback_id)]


def _delete(feedback: Iterable[tuple[str, str]]) -> None:
    ids = list(feedback)
    batches = [ids[start : start + _DELETED_TOGETHER] for start in range(0, len(ids), _DELETED_TOGETHER)]

    def delete(batch: list[tuple[str, str]]) -> None:
        delete_all(FeedbackItem, [key for one in batch for key in keys_of(*one)])

    in_parallel(delete, batches)
    changed_votes([feedback_id for _, feedback_id in ids])


def _entries(value: object) -> list[object]:
    return value if isinstance(value, list) else []
