"""Models on their way to a server of Ollama, in the background: hours, over as many invocations as it takes.

A pull is PULLS/<id> in the platform table. A worker leases it, and saves every few seconds how far it is, which also
says that it lives. When its function's time is up it gives the lease back; the timers function, which looks at every
pull each minute, then starts another one, as it does for a worker that died. Ollama itself goes on where it stopped.

Pushes to a registry and models that are made on the server of others go the same way, by their `kind`. A model can
also be made of a file, which a browser has put into S3: then the worker first brings that to the server.
"""

import hashlib
import json
import time
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from pynamodb.attributes import BooleanAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.update import Action

from shared.clock import now
from shared.errors import Conflict, NotFound, TooLarge
from shared.settings import settings
from shared.storage import objects
from shared.storage.aws import lambda_client, sqs
from shared.storage.tables import Item, TableMeta, written

Kind = Literal["pull", "push", "create"]
"""What the server is asked for: /api/<kind>."""
State = Literal["queued", "running", "done", "failed", "cancelled"]
ACTIVE: tuple[State, ...] = ("queued", "running")

PARTITION = "PULLS"
WATCH_SECONDS = 60
# A worker gives a sign of life every two seconds, also while the server is silent.
DEAD_SECONDS = 20
# What nobody finishes in two days is given up, so that no watch goes on for ever.
LONGEST_SECONDS = 48 * 3600
KEPT_SECONDS = 24 * 3600
# An item has 400 KB (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html).
LONGEST_REQUEST = 300_000

BUSY = "This model is on its way to the server already. Cancel that first."
TOO_MUCH = f"A model may be described in {LONGEST_REQUEST // 1000} KB. Send files as blobs, and name their digests."


class LostLease(Exception):
    """The pull is another worker's now, or over."""


@dataclass(frozen=True)
class Pull:
    """A pull; sizes in bytes, times in epoch seconds. `status` is what the server says it does."""

    id: str
    kind: Kind
    url: str
    model: str
    user_id: str
    insecure: bool
    state: State
    status: str
    completed: int
    total: int
    error: str | None
    trouble: str
    """The kind of a failure, as `shared.llm.errors.Trouble` has them."""
    created_at: int
    updated_at: int
    cancel: bool = False
    heartbeat_at: float = 0.0
    file: str = ""
    """The object that the model is made of; empty where the server fetches the model itself."""
    digest: str = ""
    """The file's, once it is known: sha256: and 64 hexadecimal digits."""
    layers: dict[str, list[int]] = field(default_factory=dict)
    """By digest: bytes completed, and in all."""
    request: dict[str, Any] = field(default_factory=dict)
    """What the server is told beside the model's name."""
    before: str | None = None
    """What the server had by the name of a model that is to be made; None until that was looked up."""
    reached: int | None = None
    """How much was completed when a worker last gave it back."""

    @property
    def active(self) -> bool:
        """Whether it is still to be done."""
        return self.state in ACTIVE

    @property
    def abandoned(self) -> bool:
        """Whether nobody works on it."""
        return self.active and time.time() - self.heartbeat_at > DEAD_SECONDS


class PullItem(Item):
    """PULLS/<id>."""

    class Meta(metaclass=TableMeta):
        setting = "platform_table"

    kind = UnicodeAttribute(null=True)
    url = UnicodeAttribute()
    model = UnicodeAttribute()
    user_id = UnicodeAttribute()
    insecure = BooleanAttribute(default=False)
    state = UnicodeAttribute()
    status = UnicodeAttribute(default="")
    layers = JSONAttribute(default=dict)
    error = UnicodeAttribute(null=True)
    trouble = UnicodeAttribute(null=True)
    lease = UnicodeAttribute(null=True)
    cancel = BooleanAttribute(default=False)
    created_at = NumberAttribute()
    updated_at = NumberAttribute()
    heartbeat_at = NumberAttribute(default=0)
    file = UnicodeAttribute(null=True)
    digest = UnicodeAttribute(null=True)
    request = JSONAttribute(default=dict)
    before = UnicodeAttribute(null=True)
    reached = NumberAttribute(null=True)


def pull_id(url: str, model: str, kind: Kind = "pull") -> str:
    """The id of a model's way to a server, of which there is one at a time, or of its push from there."""
    away = "\npush" if kind == "push" else ""
    return hashlib.sha256(f"{url}\n{model}{away}".encode()).hexdigest()[:24]


@dataclass(frozen=True)
class Wish:
    """What a server is to do with a model; `request` is what it is told beside the name.

    `file` is the key of the object that the model is made of; it is deleted when the pull ends.
    """

    kind: Kind = "pull"
    insecure: bool = False
    file: str = ""
    request: dict[str, Any] = field(default_factory=dict)


def start(url: str, model: str, user_id: str, wish: Wish) -> Pull:
    """Records a pull, hands it to a worker and has it watched; the same one that is under way is returned as it is.

    Raises `Conflict` when another one has the model, `TooLarge`.
    """
    if len(json.dumps(wish.request).encode()) > LONGEST_REQUEST:
        raise TooLarge(TOO_MUCH)
    sk = pull_id(url, model, wish.kind)
    item = PullItem(PARTITION, sk, url=url, model=model, user_id=user_id, state="queued", kind=wish.kind)
    item.insecure, item.created_at, item.updated_at, item.heartbeat_at = wish.insecure, now(), now(), time.time()
    item.expires_at, item.file = now() + LONGEST_SECONDS + KEPT_SECONDS, wish.file or None
    item.request = wish.request
    if not written(item.save, PullItem.state.does_not_exist() | ~PullItem.state.is_in(*ACTIVE)):
        return _same(get(sk), wish)
    dispatch(sk)
    watch(sk)
    return _pull(item)


def _same(under_way: Pull, wish: Wish) -> Pull:
    """What is under way, if it does what is wished for."""
    found = (under_way.kind, under_way.file, under_way.request)
    if found == (wish.kind, wish.file, wish.request):
        return under_way
    if wish.file:
        objects.delete(wish.file)
    raise Conflict(BUSY)


def get(pull: str) -> Pull:
    """A pull as stored; raises `NotFound`."""
    try:
        item = PullItem.get(PARTITION, pull, consistent_read=True)
    except PullItem.DoesNotExist as error:
        raise NotFound("There is no such pull. It may have been removed from the list.") from error
    return _pull(item)


def all_pulls() -> list[Pull]:
    """The pulls under way and those that ended in the last day, newest first."""
    items = PullItem.query(PARTITION, consistent_read=True)
    return sorted((_pull(item) for item in items if not item.expired), key=lambda pull: -pull.created_at)


def cancel(pull: str) -> Pull:
    """Ends a pull at its worker's next sign of life, or at once when it has none; takes an ended one off the list."""
    found = get(pull)
    if not found.active:
        PullItem(PARTITION, pull).delete()
        return found
    actions: list[Action] = [PullItem.cancel.set(True)]
    unattended = found.abandoned or found.state == "queued"
    if unattended:
        actions += _ending("cancelled", None)
    item = PullItem(PARTITION, pull)
    if not written(item.update, actions, PullItem.state.is_in(*ACTIVE)):
        return get(pull)
    if unattended:
        drop_file(found)
    return _pull(item)


def drop_file(pull: Pull) -> None:
    """Deletes the file of a pull that is over, if it had one."""
    if pull.file:
        objects.delete(pull.file)


def dispatch(pull: str) -> None:
    """Has a worker take up a pull."""
    function = settings().require("pulls_function")
    payload = json.dumps({"pull_id": pull}).encode()
    lambda_client().invoke(FunctionName=function, InvocationType="Event", Payload=payload)


def watch(pull: str) -> None:
    """Has the timers function look at a pull in a minute."""
    message = json.dumps({"kind": "pull", "pull_id": pull})
    queue = settings().require("timers_queue_url")
    sqs().send_message(QueueUrl=queue, MessageBody=message, DelaySeconds=WATCH_SECONDS)


def lease(pull: str, owner: str) -> Pull | None:
    """Takes a pull for worker `owner`; None when another one has it, or it is over."""
    item = PullItem(PARTITION, pull)
    free = PullItem.lease.does_not_exist() | (PullItem.heartbeat_at < time.time() - DEAD_SECONDS)
    actions: list[Action] = [
        PullItem.lease.set(owner),
        PullItem.state.set("running"),
        PullItem.heartbeat_at.set(time.time()),
    ]
    return _pull(item) if written(item.update, actions, PullItem.state.is_in(*ACTIVE) & free) else None


def progress(pull: str, owner: str, status: str, layers: dict[str, list[int]]) -> Pull:
    """Saves how far a pull is; the result knows whether to cancel. Raises `LostLease`."""
    saved = [PullItem.status.set(status), PullItem.layers.set(layers), PullItem.updated_at.set(now())]
    return _owned(pull, owner, [*saved, PullItem.heartbeat_at.set(time.time())])


def note_digest(pull: str, owner: str, digest: str) -> None:
    """Keeps the digest of a pull's file, for a worker that goes on; raises `LostLease`."""
    _owned(pull, owner, [PullItem.digest.set(digest)])


def note_before(pull: str, owner: str, before: str) -> None:
    """Keeps what the server had by the name of a model before it makes it; raises `LostLease`."""
    _owned(pull, owner, [PullItem.before.set(before)])


def release(pull: str, owner: str, reached: int) -> None:
    """Gives a pull back after `reached` bytes, for another worker to go on with; raises `LostLease`."""
    _owned(pull, owner, [PullItem.lease.remove(), PullItem.heartbeat_at.set(0), PullItem.reached.set(reached)])


def finish(pull: str, owner: str, state: State, error: str | None = None, trouble: str = "") -> Pull:
    """Ends a pull for its worker; raises `LostLease`."""
    kind = PullItem.trouble.set(trouble) if trouble else PullItem.trouble.remove()
    return _owned(pull, owner, [*_ending(state, error), kind])


def give_up(pull: str, error: str) -> None:
    """Ends a pull that nobody finishes."""
    written(PullItem(PARTITION, pull).update, _ending("failed", error), PullItem.state.is_in(*ACTIVE))


def _ending(state: State, error: str | None) -> list[Action]:
    ended = PullItem.error.set(error) if error else PullItem.error.remove()
    kept = PullItem.expires_at.set(now() + KEPT_SECONDS)
    changed = PullItem.updated_at.set(now())
    return [PullItem.state.set(state), ended, kept, changed, PullItem.lease.remove()]


def _owned(pull: str, owner: str, actions: list[Action]) -> Pull:
    item = PullItem(PARTITION, pull)
    if not written(item.update, actions, (PullItem.lease == owner) & (PullItem.state == "running")):
        raise LostLease(pull)
    return _pull(item)


def _pull(item: PullItem) -> Pull:
    layers = cast(dict[str, list[int]], item.layers or {})
    counted: dict[str, Any] = {
        "completed": sum(completed for completed, _ in layers.values()),
        "total": sum(total for _, total in layers.values()),
    }
    return Pull(
        id=item.sk,
        kind=cast(Kind, item.kind or ("create" if item.file else "pull")),
        url=item.url,
        model=item.model,
        user_id=item.user_id,
        insecure=bool(item.insecure),
        state=cast(State, item.state),
        status=item.status or "",
        error=item.error,
        trouble=item.trouble or "",
        created_at=int(item.created_at),
        updated_at=int(item.updated_at),
        cancel=bool(item.cancel),
        heartbeat_at=float(item.heartbeat_at or 0),
        file=item.file or "",
        digest=item.digest or "",
        layers=layers,
        request=cast(dict[str, Any], item.request or {}),
        before=item.before,
        reached=None if item.reached is None else int(item.reached),
        **counted,
    )
