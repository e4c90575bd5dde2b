"""What there is of the things an answer is to be drawn from, and what of it the person may read.

What is somebody else's counts as not there: it is left out, and never read.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import get_args

from botocore.exceptions import ClientError

from shared import files
from shared.files import FileItem
from shared.grounding.attachments import Attachment, Kind, attachments
from shared.grounding.numbering import Passage
from shared.identity.access import Person
from shared.ingestion import state
from shared.ingestion.keys import Generation
from shared.knowledge import access, items, membership
from shared.logs import logger
from shared.parallel import in_parallel
from shared.storage import objects
from shared.storage.errors import TRANSIENT

WHOLE_CHARACTERS = 4_000_000
"""What is read at most where all of a knowledge base is wanted."""
_WHOLE_AT_ONCE = 8


@dataclass
class Found:
    """What may be read: collections to search, texts to take whole, pages to load; and what may not or not yet."""

    collections: list[str] = field(default_factory=list)
    texts: list[Passage] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    """Names of files that are still being read."""
    failed: list[str] = field(default_factory=list)
    """Names of files that could not be read."""
    missing: int = 0
    """How many things are gone, or somebody else's."""

    def add(self, other: "Found") -> None:
        """Takes over what else there is."""
        self.collections += [each for each in other.collections if each not in self.collections]
        for name in ("texts", "pages", "pending", "failed"):
            getattr(self, name).extend(getattr(other, name))
        self.missing += other.missing

    @property
    def anything(self) -> bool:
        """Whether there is something to draw from."""
        return bool(self.collections or self.texts or self.pages)


def look(
    person: Person, items: Iterable[object], *, whole: bool = False, kinds: Collection[Kind] = get_args(Kind)
) -> Found:
    """What a person may read of what a client names.

    With `whole` all of it is taken; only what nobody has but the index is searched then.
    """
    wanted = [each for each in attachments(items) if each.kind in kinds]
    named = [each for each in wanted if each.kind not in ("chat", "folder") or len(each.id) <= access.LONGEST_ID]
    found = Found(missing=len(wanted) - len(named))
    for each in named:
        if each.kind == "folder":
            found.add(_folder(person, each, whole))
    _add_files(found, person, [each for each in named if each.kind == "file"], whole)
    for each in named:
        if each.kind == "collection":
            _add_collection(found, person, each, whole)
        elif each.kind == "text":
            found.texts.append(Passage(each.id or each.name, each.name, "text", each.text))
        elif each.kind == "url":
            found.pages.append(each.id)
        elif each.kind == "chat":
            _add_chat(found, person, each)
        elif each.kind == "note":
            found.missing += 1
    return found


def _add_files(found: Found, person: Person, named: list[Attachment], whole: bool) -> None:
    if not named:
        return
    known = access.readable_files(person, [each.id for each in named])
    for each in named:
        file = known.get(each.id)
        if file is None:
            found.missing += 1
        elif file.is_image and file.status is None:
            continue  # the message has it as a picture
        elif file.generation is None:
            (found.pending if file.status in state.PENDING else found.failed).append(file.filename)
        elif whole or each.whole:
            found.texts += _texts([file])
        else:
            found.collections.append(f"{access.FILE}{file.file_id}")


def _add_collection(found: Found, person: Person, each: Attachment, whole: bool) -> None:
    whole = whole or each.whole
    if whole and each.text:
        found.texts.append(Passage(each.id, each.name, "text", each.text))
        return
    for collection in each.collections:
        if whole and collection.startswith(access.FILE):
            _add_files(found, person, [Attachment("file", collection.removeprefix(access.FILE))], whole)
        elif not access.readable(person, collection):
            found.missing += 1
        elif whole and items.find_all([collection]):
            members = [member for member in membership.of_knowledge(collection) if member.generation]
            known = files.find_all(member.file_id for member in members)
            found.texts += _texts(known[member.file_id] for member in members if member.file_id in known)
        elif collection not in found.collections:
            found.collections.append(collection)


def _texts(wanted: Iterable[FileItem]) -> list[Passage]:
    """The whole texts of files, until there are more than anybody could use."""
    listed, passages, length = list(wanted), [], 0
    for start in range(0, len(listed), _WHOLE_AT_ONCE):
        for file, text in in_parallel(_text, listed[start : start + _WHOLE_AT_ONCE]):
            if text:
                passages.append(Passage(file.file_id, file.filename, "file", text, metadata={"file_id": file.file_id}))
                length += len(text)
        if length > WHOLE_CHARACTERS:
            break
    return passages


def _text(file: FileItem) -> tuple[FileItem, str]:
    try:
        key = Generation(file.user_id, file.file_id, str(file.generation)).text
        return file, objects.get(key).decode("utf-8", "replace")
    except (ClientError, *TRANSIENT) as error:
        logger().warning("text of a file not read", extra={"file_id": file.file_id, "code": type(error).__name__})
        return file, ""


def _add_chat(found: Found, person: Person, each: Attachment) -> None:
    from shared.chats import store
    from shared.errors import NotFound
    from shared.tasks.prompts import plain

    try:
        head = store.owned(each.id, person.id)
    except NotFound:
        found.missing += 1
        return
    branch = store.branch(each.id, head.current_id or "")
    said = [(str(message.get("role")), plain(message.get("content"))) for message in branch]
    text = "\n\n".join(f"{role.upper()}: {words}" for role, words in said if words)
    found.texts.append(Passage(each.id, head.title or each.name, "chat", text))


def _folder(person: Person, each: Attachment, whole: bool) -> Found:
    from shared.chats import folders

    folder = folders.folder(person.id, each.id)
    if folder is None:
        return Found(missing=1)
    return look(person, [item for item in folder.files if item.get("type") != "folder"], whole=whole)
