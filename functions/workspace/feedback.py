"""Feedback: write, read, list, export."""

import gzip
import json
import time
from collections.abc import Iterable
from typing import Any

from botocore.exceptions import ClientError
from pynamodb.exceptions import TransactWriteError

from functions.workspace.models import FeedbackForm, Rater
from shared import feedback as shared
from shared.clock import now
from shared.errors import Conflict, NotFound, TooLarge
from shared.feedback import (
    FEEDBACKS,
    FeedbackItem,
    OwnFeedbackItem,
    VoteChangeItem,
    VoteItem,
    keys_of,
    new_id,
    snapshot_key,
    vote_of,
)
from shared.identity.sessions import Identity
from shared.parallel import in_parallel
from shared.people import find
from shared.storage import objects
from shared.storage.tables import fetch_all, transaction

Json = dict[str, Any]

LARGEST = 100_000
NO_FEEDBACK = "This feedback does not exist. It may have been deleted."
EXPORT_SECONDS = 20.0
"""How long an export may take: API Gateway waits 29 s."""
_TOGETHER = 200
_CHANGED = "This feedback is being changed somewhere else. Try again."


def create(user: Identity, form: FeedbackForm) -> Json:
    """Stores feedback; raises `TooLarge`."""
    feedback_id, moment = new_id(), now()
    item = FeedbackItem(*FeedbackItem.key(feedback_id), user_id=user.id, type=form.type)
    item.created_at = moment
    item.gsi1pk, item.gsi1sk = FEEDBACKS, feedback_id
    _fill(item, form)
    _write(item, vote_before=None)
    return _whole(item)


def get(user: Identity, feedback_id: str) -> Json:
    """Feedback of the person, to an admin anybody's; raises `NotFound`."""
    return _whole(_own(user, feedback_id))


def update(user: Identity, feedback_id: str, form: FeedbackForm) -> Json:
    """Replaces the parts of feedback that the form has. Raises `NotFound`, `Conflict`, `TooLarge`."""
    item = _own(user, feedback_id)
    before = vote_of(item)
    item.version = int(item.version) + 1
    _fill(item, form)
    _write(item, vote_before=before)
    return _whole(item)


def delete(user: Identity, feedback_id: str) -> bool:
    """Deletes feedback; raises `NotFound`."""
    item = _own(user, feedback_id)
    with transaction() as change:
        for key in keys_of(item.user_id, feedback_id):
            change.delete(FeedbackItem(*key))
        if vote_of(item) is not None:
            change.save(VoteChangeItem.of(feedback_id))
    if item.snapshot_key:
        objects.delete(item.snapshot_key)
    return True


def own(user: Identity) -> list[Json]:
    """The person's feedback without snapshots, last changed first."""
    items = fetch_all(FeedbackItem, map(FeedbackItem.key, shared.ids_of(user.id)))
    return _latest_first([{**_shown(item), "user": None} for item in items])


def everybodys(after: str | None, limit: int | None) -> list[Json]:
    """Everybody's feedback without snapshots, with whose it is: all, last changed first; by `limit`, newest first."""
    items = [_shown(item) for item in shared.listed(after, limit)]
    raters = _raters(str(item["user_id"]) for item in items)
    rows = [{**item, "user": raters.get(str(item["user_id"]))} for item in items]
    return rows if limit else _latest_first(rows)


def exported(after: str | None, limit: int | None) -> list[Json]:
    """Everybody's feedback whole, newest first. Raises `TooLarge` when that takes too long."""
    deadline = time.monotonic() + EXPORT_SECONDS
    items, rows = shared.listed(after, limit), list[Json]()
    for start in range(0, len(items), _TOGETHER):
        if time.monotonic() > deadline:
            raise TooLarge("This is too much for one export. Export it in parts, with `limit` and `after`.")
        rows += in_parallel(_whole, items[start : start + _TOGETHER])
    return rows


def _fill(item: FeedbackItem, form: FeedbackForm) -> None:
    if form.data is not None:
        item.data = form.data.model_dump(mode="json", exclude_unset=True)
    if form.meta is not None:
        item.meta = form.meta
    if form.model_extra:
        item.extra = {**(item.extra or {}), **form.model_extra}
    size = len(json.dumps([item.data, item.meta, item.extra]))
    if size > LARGEST:
        raise TooLarge(f"This feedback has {size // 1000} KB, and {LARGEST // 1000} KB is the most. Shorten it.")
    if form.snapshot is not None:
        item.snapshot_key = snapshot_key(item.user_id, item.feedback_id)
        body = json.dumps(form.snapshot.model_dump(mode="json", exclude_unset=True)).encode()
        objects.put(item.snapshot_key, gzip.compress(body, 5, mtime=0), "application/json", encoding="gzip")
    item.updated_at = now()


def _write(item: FeedbackItem, *, vote_before: str | None) -> None:
    vote, version = vote_of(item), int(item.version)
    before = FeedbackItem.version == version - 1 if version else FeedbackItem.pk.does_not_exist()
    try:
        with transaction() as change:
            change.save(item, condition=before)
            if not version:
                change.save(OwnFeedbackItem(*OwnFeedbackItem.key(item.user_id, item.feedback_id)))
            if vote is not None:
                change.save(VoteItem.of(item.feedback_id, vote))
            elif vote_before is not None:
                change.delete(VoteItem(*VoteItem.key(item.feedback_id)))
            if vote_before is not None and vote != vote_before:
                change.save(VoteChangeItem.of(item.feedback_id))
    except TransactWriteError as error:
        raise Conflict(_CHANGED) from error


def _own(user: Identity, feedback_id: str) -> FeedbackItem:
    try:
        item = FeedbackItem.get(*FeedbackItem.key(feedback_id), consistent_read=True)
    except FeedbackItem.DoesNotExist as error:
        raise NotFound(NO_FEEDBACK) from error
    if not (user.is_admin or item.user_id == user.id):
        raise NotFound(NO_FEEDBACK)
    return item


def _shown(item: FeedbackItem) -> Json:
    return {
        **(item.extra or {}),
        "id": item.feedback_id,
        "user_id": item.user_id,
        "version": int(item.version),
        "type": item.type,
        "data": item.data,
        "meta": item.meta,
        "created_at": int(item.created_at),
        "updated_at": int(item.updated_at),
    }


def _whole(item: FeedbackItem) -> Json:
    return {**_shown(item), "snapshot": _snapshot(item.snapshot_key) if item.snapshot_key else None}


def _snapshot(key: str) -> Json | None:
    try:
        return dict(json.loads(gzip.decompress(objects.get(key))))
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("NoSuchKey", "404"):
            raise
        return None


def _latest_first(rows: list[Json]) -> list[Json]:
    return sorted(rows, key=lambda row: (row["updated_at"], row["id"]), reverse=True)


def _raters(user_ids: Iterable[str]) -> dict[str, Json]:
    """Those of the people who still have an account, by id."""
    return {
        user_id: Rater(
            id=user_id,
            name=user.name,
            email=user.email,
            role=user.role,
            last_active_at=int(user.last_active_at),
            updated_at=int(user.updated_at),
            created_at=int(user.created_at),
        ).model_dump()
        for user_id, user in find(user_ids).items()
    }
