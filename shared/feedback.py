"""What people think of answers.

Beside each feedback that is a vote lies a small vote item, so that the leaderboard reads a few hundred bytes of each
and not comments, and the chat as it was lies in S3. Ids sort by time.
"""

import json
import secrets
import time
import uuid
from collections.abc import Iterable

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute

from shared.chats.bodies import in_parallel
from shared.storage import objects
from shared.storage.tables import ByList, Item, TableMeta, delete_all

FEEDBACKS, PREFIX, VOTES = "FEEDBACKS", "FEEDBACK#", "VOTES"
_SNAPSHOTS = "feedback/"
_DELETED_TOGETHER = 12


class FeedbackItem(Item):
    """FEEDBACKS/FEEDBACK#<id>; `version` counts its changes. Listed by person."""

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
        return FEEDBACKS, f"{PREFIX}{feedback_id}"

    @property
    def feedback_id(self) -> str:
        """Its id."""
        return self.sk.removeprefix(PREFIX)


class VoteItem(Item):
    """VOTES/<feedback id>: [rating, model, the models it was compared with, tags] as JSON."""

    class Meta(metaclass=TableMeta):
        setting = "workspace_table"

    vote = UnicodeAttribute()

    @staticmethod
    def key(feedback_id: str) -> tuple[str, str]:
        """The vote's (pk, sk)."""
        return VOTES, feedback_id


class VoteChangesItem(Item):
    """INSTANCE/VOTES: how often votes were changed or deleted; whoever keeps votes in memory then reads them anew."""

    class Meta(metaclass=TableMeta):
        setting = "workspace_table"

    changes = NumberAttribute(default=0)

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
    tags = [str(tag)[:100] for tag in _listed(meta.get("tags"))[:20]]
    return json.dumps([int(rating), model, others[:20], tags], ensure_ascii=False, separators=(",", ":"))


def changed_votes() -> None:
    """Notes that votes were changed or deleted."""
    VoteChangesItem(*VoteChangesItem.KEY).update([VoteChangesItem.changes.add(1)])


def ids_of(user_id: str) -> list[str]:
    """The ids of a person's feedback, newest first."""
    listed = FeedbackItem.by_list.query(f"USER#{user_id}", scan_index_forward=False)
    return [item.feedback_id for item in listed]


def delete_of(user_id: str) -> bool:
    """Deletes all feedback of a person; returns whether there was any."""
    ids = ids_of(user_id)
    _delete(ids)
    objects.delete(*objects.keys(f"{_SNAPSHOTS}{user_id}/"))
    return bool(ids)


def delete_everything() -> bool:
    """Deletes all feedback of everybody; returns whether there was any."""
    stored = FeedbackItem.query(FEEDBACKS, FeedbackItem.sk.startswith(PREFIX), attributes_to_get=["pk", "sk"])
    ids = [item.feedback_id for item in stored]
    _delete(ids)
    objects.delete(*objects.keys(_SNAPSHOTS))
    return bool(ids)


def _delete(feedback_ids: Iterable[str]) -> None:
    ids = list(feedback_ids)
    batches = [ids[start : start + _DELETED_TOGETHER] for start in range(0, len(ids), _DELETED_TOGETHER)]

    def delete(batch: list[str]) -> None:
        delete_all(FeedbackItem, [key for one in batch for key in (VoteItem.key(one), FeedbackItem.key(one))])

    in_parallel(delete, batches)
    if ids:
        changed_votes()


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []
