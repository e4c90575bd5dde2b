"""Who may read a collection, and which of its entries count: asked of the table, never of the index.

A collection is a knowledge base (its id), `file-<file id>`, or one of `shared.knowledge.collections`.
"""

from collections.abc import Collection, Iterable

from shared import files
from shared.files import FileItem
from shared.identity.access import Person
from shared.knowledge import collections, items, membership

FILE = "file-"
LONGEST_ID = 128
"""Characters. What is said to have a longer id is not there: no table takes one of any length as a key."""


def readable(person: Person, collection: str) -> bool:
    """Whether the person may search a collection and read what is found."""
    if collection.startswith(FILE):
        return bool(readable_files(person, [collection.removeprefix(FILE)]))
    if len(collection) > LONGEST_ID:
        return False
    if (found := items.find_all([collection]).get(collection)) is not None:
        return found.readable_by(person)
    own = collections.find(collection)
    return own is not None and own.user_id == person.id


def readable_files(person: Person, file_ids: Iterable[str]) -> dict[str, FileItem]:
    """Those of the files that the person may read, by id: their own, and those in knowledge bases they may read."""
    found = files.find_all(file_id for file_id in file_ids if len(file_id) <= LONGEST_ID)
    foreign = [file for file in found.values() if file.user_id != person.id and not person.is_admin]
    bases = items.find_all(base for file in foreign for base in file.knowledge or ())
    open_to = {base.knowledge_id for base in bases.values() if base.readable_by(person)}
    for file in foreign:
        shared = open_to.intersection(file.knowledge or ())
        # A file may name a base that it has left.
        if not any(membership.holds(base, file.file_id) for base in sorted(shared)):
            del found[file.file_id]
    return found


def current(collection: str, file_ids: Collection[str]) -> dict[str, str]:
    """The generation that counts of each of the files in a collection; what is absent may not be shown at all."""
    if not file_ids:
        return {}
    if collection.startswith(FILE):
        file = files.find_all([collection.removeprefix(FILE)]).get(collection.removeprefix(FILE))
        return {file.file_id: file.generation} if file and file.generation and file.file_id in file_ids else {}
    if found := membership.generations(collection, file_ids):
        return found
    own = collections.find(collection)
    return dict.fromkeys(file_ids, own.generation) if own else {}
