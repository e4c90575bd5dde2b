"""Votes in memory: read whole once, afterwards only what came since, unless some were changed or deleted."""

import json
import time
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter

from shared.clock import now
from shared.feedback import VOTES, VoteChangesItem, new_id
from shared.settings import settings
from shared.storage.aws import dynamodb
from shared.storage.schema import INDEX, INDEX_PARTITION_KEY, INDEX_SORT_KEY
from shared.storage.tables import fetch_together

# Ids are made on many machines, whose clocks differ a little.
OVERLAP_MILLISECONDS = 60_000
KEPT_SECONDS = 600.0
# The list is an index, which follows a change within moments: what is read so soon after one is not kept.
SETTLING_SECONDS = 5
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
    changes: int
    read_at: float
    votes: list[Vote]


_known: _Known | None = None


def all_votes() -> list[Vote]:
    """Every vote, oldest first. Read-only."""
    global _known
    changes, changed_at = _changes()
    if _known is None or _known.changes != changes or time.monotonic() - _known.read_at > KEPT_SECONDS:
        _known = _Known(changes, time.monotonic(), list(_read("")))
    elif _known.votes:
        since = new_id(_known.votes[-1].milliseconds - OVERLAP_MILLISECONDS)[:13]
        from_here = bisect_left(_known.votes, since, key=attrgetter("id"))
        _known.votes[from_here:] = _read(since)
    else:
        _known.votes = list(_read(""))
    votes = _known.votes
    if now() - changed_at < SETTLING_SECONDS:
        _known = None
    return votes


def forget() -> None:
    """Empties this process's memory."""
    global _known
    _known = None


def _changes() -> tuple[int, int]:
    """How often votes were changed or deleted, and when last."""
    (item,) = fetch_together((VoteChangesItem, *VoteChangesItem.KEY))
    return (int(item.changes), int(item.changed_at)) if isinstance(item, VoteChangesItem) else (0, 0)


def _read(since: str) -> Iterator[Vote]:
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
        for item in page["Items"]:
            rating, model, others, tags = json.loads(item["vote"]["S"])
            yield Vote(item[INDEX_SORT_KEY]["S"], rating, model, tuple(others), tuple(tags))
