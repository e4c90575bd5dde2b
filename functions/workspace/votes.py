"""Votes in memory: taken from a copy in S3, afterwards only what came or changed since is read.

The copy is written now and then by whoever reads; a reading of many votes that breaks off goes on from there.
"""

import gzip
import json
import time
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from botocore.exceptions import ClientError

from shared.clock import now
from shared.feedback import (
    CHANGES_KEPT_SECONDS,
    COPIED_VOTES,
    VOTES,
    VoteChangeItem,
    VoteChangesItem,
    VoteItem,
    new_id,
)
from shared.settings import settings
from shared.storage import objects
from shared.storage.aws import dynamodb, s3
from shared.storage.schema import INDEX, INDEX_PARTITION_KEY, INDEX_SORT_KEY
from shared.storage.tables import fetch_together

# Ids are made on many machines, whose clocks differ a little.
OVERLAP_MILLISECONDS = 60_000
# The list is an index, which follows a change within moments: what is read so soon after one is not kept.
SETTLING_SECONDS = 5
COPY_FORMAT = 1
# So many votes are read again rather than copied.
COPY_VOTES = 2000
# Changes are told for so long; a copy that is older is of no use.
_OLDEST_MILLISECONDS = (CHANGES_KEPT_SECONDS - 86_400) * 1000
_PAGE = 4000  # about 1 MB, DynamoDB's own limit of a page


@dataclass(frozen=True, slots=True)
class Vote:
    """A thumb up (1) or down (-1) for `model`, which was compared with `others`; `id` sorts by time."""

    id: str
    rating: int
    model: str
    others: tuple[str, ...]
    tags: tuple[str, ...]

    @property
    def milliseconds(self) -> int:
        """When it was given, since the epoch; the first 48 bits of the id (RFC 9562)."""
        return int(self.id[:8] + self.id[9:13], 16)


@dataclass
class _Known:
    """Votes with the changes until `at` (milliseconds); the copy `etag` has `copied` of them."""

    epoch: int
    at: int
    votes: list[Vote] = field(default_factory=list)
    copied: int = 0
    etag: str = ""


_known: _Known | None = None


def all_votes() -> list[Vote]:
    """Every vote, oldest first. Read-only."""
    global _known
    epoch, settled = _epoch()
    if _known is None or _known.epoch != epoch or _stamp() - _known.at > _OLDEST_MILLISECONDS:
        _known = _copy(epoch) if settled else _Known(epoch, _stamp())
    known = _known
    if not settled:
        _known = None
    started = _stamp()
    _add_new(known, keep=settled)
    changed = _apply_changes(known)
    known.at = started
    # What was deleted is soon nowhere.
    if settled and (len(known.votes) - known.copied >= COPY_VOTES or (changed and known.copied)):
        _keep(known)
        if not known.etag:
            _known = None  # somebody else's copy is newer
    return known.votes


def forget() -> None:
    """Empties this process's memory."""
    global _known
    _known = None


def _epoch() -> tuple[int, bool]:
    """How often many votes were deleted at once, and whether the last time is some moments ago."""
    (item,) = fetch_together((VoteChangesItem, *VoteChangesItem.KEY))
    if not isinstance(item, VoteChangesItem):
        return 0, True
    return int(item.changes), now() - int(item.changed_at) >= SETTLING_SECONDS


def _add_new(known: _Known, *, keep: bool) -> None:
    """Reads the votes that came since the last known one; copies them as it goes on when they are many."""
    since = ""
    if known.votes:
        since = new_id(known.votes[-1].milliseconds - OVERLAP_MILLISECONDS)[:13]
        del known.votes[bisect_left(known.votes, since, key=attrgetter("id")) :]
    for page in _read(since):
        known.votes += page
        if keep and len(known.votes) - known.copied >= 5 * COPY_VOTES:
            _keep(known)


def _apply_changes(known: _Known) -> bool:
    """Takes over what was changed or deleted; returns whether there was anything new in that."""
    since = VoteChangeItem.sk >= VoteChangeItem.PREFIX + new_id(known.at - OVERLAP_MILLISECONDS)[:13]
    ids = sorted({item.feedback_id for item in VoteChangeItem.query(VOTES, since, consistent_read=True)})
    news = False
    for start in range(0, len(ids), 100):
        some = ids[start : start + 100]
        items = fetch_together(*((VoteItem, *VoteItem.key(one)) for one in some))
        for vote_id, item in zip(some, items, strict=True):
            place = bisect_left(known.votes, vote_id, key=attrgetter("id"))
            before = [vote for vote in known.votes[place : place + 1] if vote.id == vote_id]
            after = [_vote(vote_id, item.vote)] if isinstance(item, VoteItem) else []
            known.votes[place : place + len(before)] = after
            news |= before != after
    return news


def _read(since: str) -> Iterator[list[Vote]]:
    """The votes whose ids are `since` or later; the plain client, which takes a fifth of pynamodb's time per item."""
    query = dynamodb().get_paginator("query")
    pages = query.paginate(
        TableName=settings().require("workspace_table"),
        IndexName=INDEX,
        KeyConditionExpression=f"{INDEX_PARTITION_KEY} = :votes AND {INDEX_SORT_KEY} >= :since",
        ExpressionAttributeValues={":votes": {"S": VOTES}, ":since": {"S": since or "0"}},
        ProjectionExpression=f"{INDEX_SORT_KEY}, vote",
        PaginationConfig={"PageSize": _PAGE},
    )
    for page in pages:
        yield [_vote(item[INDEX_SORT_KEY]["S"], item["vote"]["S"]) for item in page["Items"]]


def _vote(vote_id: str, text: str) -> Vote:
    rating, model, others, tags = json.loads(text)
    return Vote(vote_id, rating, model, tuple(others), tuple(tags))


def _copy(epoch: int) -> _Known:
    """The votes of the copy; none when there is no copy, or one that is of no use any more."""
    known = _Known(epoch, _stamp())
    try:
        answer = s3().get_object(Bucket=settings().require("files_bucket"), Key=COPIED_VOTES)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("NoSuchKey", "404"):
            raise
        return known
    known.etag = answer["ETag"]
    content: dict[str, Any] = json.loads(gzip.decompress(answer["Body"].read()))
    outdated = (content["format"], content["epoch"]) != (COPY_FORMAT, epoch)
    if outdated or known.at - content["at"] > _OLDEST_MILLISECONDS:
        return known
    # The same few lists of models and tags come again and again: each is one object.
    lists = [tuple(names) for names in content["lists"]]
    known.votes = [
        Vote(vote_id, rating, model, lists[others], lists[tags])
        for vote_id, rating, model, others, tags in content["votes"]
    ]
    known.at, known.copied = content["at"], len(known.votes)
    return known


def _keep(known: _Known) -> None:
    """Replaces the copy, unless somebody else has done so."""
    numbers: dict[tuple[str, ...], int] = {}
    votes = [
        (
            vote.id,
            vote.rating,
            vote.model,
            numbers.setdefault(vote.others, len(numbers)),
            numbers.setdefault(vote.tags, len(numbers)),
        )
        for vote in known.votes
    ]
    content = {"format": COPY_FORMAT, "epoch": known.epoch, "at": known.at, "lists": list(numbers), "votes": votes}
    raw = gzip.compress(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(), 1)
    known.copied = len(known.votes)
    known.etag = objects.replace(COPIED_VOTES, raw, "application/gzip", known.etag) or ""


def _stamp() -> int:
    return time.time_ns() // 1_000_000
