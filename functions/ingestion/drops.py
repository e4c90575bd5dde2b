"""The drop folder: a new object is a new file in a knowledge base, a changed one replaces it, a deleted one removes it.

Events come at least once and in any order. So an event only says at which key to look: what lies there counts, and an
event that is older than one that was heard of does not. What no event tells of is found by comparing (`reconciling`).
"""

import mimetypes
import uuid
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from functions.ingestion.dispatching import dispatch
from shared import files
from shared.clock import now
from shared.errors import NotFound
from shared.files import FileItem
from shared.identity.access import AccessControl
from shared.ingestion import limits, requests
from shared.ingestion.drops import DropItem, State
from shared.ingestion.keys import DROP
from shared.knowledge import items, membership
from shared.knowledge.items import KnowledgeItem
from shared.people import owners
from shared.retrieval.settings import retrieval_settings
from shared.storage import objects
from shared.storage.objects import Head
from shared.storage.tables import written

SOURCE = "drop"
# Sequencers are compared as text, the shorter one filled up with zeros on its right:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
_SEQUENCER_LENGTH = 64
# So that an event that is as old as what was deleted still finds that there was something newer.
_REMEMBERED_SECONDS = 7 * 86_400

NO_FOLDER = "It lies in no folder. Put it into one: the folder's name is that of the knowledge base."
NO_BASE = (
    'There is no knowledge base "{name}", and nobody is set who would own a new one. Make it, or have an admin set '
    "the owner of the drop folder."
)
NO_OWNER = "The person who is set as the owner of the drop folder has no account any more. Have an admin set another."


class Rejected(Exception):
    """An object that comes to nothing; the message says why."""


def handle(event: dict[str, Any]) -> dict[str, str]:
    """Looks at the key that an event of the bucket names, and has what is new there read."""
    told = event["detail"]["object"]
    outcome = look(told["key"], str(told.get("sequencer", "")).ljust(_SEQUENCER_LENGTH, "0"))
    dispatch(queued=outcome == "taken")
    return {"outcome": outcome}


def look(key: str, sequencer: str = "") -> str:
    """Makes of a key what lies there; without a sequencer whatever was heard of it. Harmless when repeated."""
    if key.endswith("/"):
        return "folder"
    drop = DropItem(*DropItem.key(key))
    heard: Condition = DropItem.sequencer.does_not_exist() | (DropItem.sequencer <= sequencer)
    latest = DropItem.sequencer.set(sequencer) if sequencer else DropItem.sequencer.set(DropItem.sequencer | "0")
    if not written(drop.update, [latest], heard if sequencer else None):
        return "late"
    found = objects.head(key)
    if found is None:
        return _gone(drop, drop.sequencer)
    try:
        return _present(drop, drop.sequencer, found)
    except Rejected as reason:
        _leave(drop)
        _note(drop, drop.sequencer, "rejected", found.etag, DropItem.file_id.remove(), reason=str(reason))
        return "rejected"


def _present(drop: DropItem, sequencer: str, found: Head) -> str:
    known = files.find_all([drop.file_id]).get(drop.file_id) if drop.file_id else None
    name, path = _places(drop.object_key)
    if reason := limits.over_size(found.size) or limits.wrong_type(path):
        raise Rejected(reason)
    base = _base(name)
    if known and drop.etag == found.etag and drop.state == "present" and base.knowledge_id in (known.knowledge or ()):
        return "known"
    # The same event may be worked on twice at once: whoever is first gives the file its id.
    if known is None and not written(drop.update, [DropItem.file_id.set(str(uuid.uuid4()))], _file_is(drop)):
        return "busy"
    file_id = str(drop.file_id)
    _store(known or file_id, base, path, found)
    try:
        membership.add(base.knowledge_id, file_id, path=path)
    except NotFound as error:
        raise Rejected(error.detail) from error
    if not _note(drop, sequencer, "present", found.etag, DropItem.knowledge_id.set(base.knowledge_id)):
        return "late"
    requests.queue(file_id)
    return "taken"


def _gone(drop: DropItem, sequencer: str) -> str:
    _leave(drop)
    actions: list[Action] = [DropItem.file_id.remove(), DropItem.expires_at.set(now() + _REMEMBERED_SECONDS)]
    _note(drop, sequencer, "gone", "", *actions)
    return "gone"


def _leave(drop: DropItem) -> None:
    """Deletes the file of an object that is gone, or whose new content comes to nothing."""
    file = files.find_all([drop.file_id]).get(drop.file_id) if drop.file_id else None
    if file is None:
        return
    # What lies at the key by the time its deletion is carried out is another file's.
    file.update([FileItem.path.set(files.path(file.user_id, file.file_id))], FileItem.pk.exists())
    requests.remove(file)


def _store(known: FileItem | str, base: KnowledgeItem, path: str, found: Head) -> None:
    """Makes the file, or notes that it has another content."""
    name = path.rpartition("/")[2][:255]
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if isinstance(known, str):
        files.register(base.user_id, name, kind, found.size, file_id=known, key=found.key, source=SOURCE)
        return
    actions: list[Action] = [FileItem.size.set(found.size), FileItem.hash.set(""), FileItem.edited.remove()]
    known.update([*actions, FileItem.updated_at.set(now())], FileItem.pk.exists())


def _places(key: str) -> tuple[str, str]:
    """The folder of a key and the path in it."""
    name, _, path = key.removeprefix(DROP).partition("/")
    if not name.strip() or not path:
        raise Rejected(NO_FOLDER)
    return name, path


def _base(name: str) -> KnowledgeItem:
    """The knowledge base that a folder belongs to; made for the owner of the drop folder where there is none."""
    owner_id = retrieval_settings().drop_folder_owner
    found = items.for_drop(name, owner_id)
    if found is not None:
        return found
    if not owner_id:
        raise Rejected(NO_BASE.format(name=name))
    if owner_id not in owners([owner_id]):
        raise Rejected(NO_OWNER)
    return items.create(owner_id, name, access=AccessControl(), drop_name=name)


def _note(drop: DropItem, sequencer: str, state: State, etag: str, *more: Action, reason: str = "") -> bool:
    actions = [DropItem.state.set(state), DropItem.etag.set(etag), DropItem.updated_at.set(now()), *more]
    actions.append(DropItem.reason.set(reason) if reason else DropItem.reason.remove())
    if state != "gone":
        actions.append(DropItem.expires_at.remove())
    return written(drop.update, actions, DropItem.sequencer == sequencer)


def _file_is(drop: DropItem) -> Condition:
    held: Condition = DropItem.file_id == drop.file_id if drop.file_id else DropItem.file_id.does_not_exist()
    return held
