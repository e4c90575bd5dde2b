"""Which files are in a knowledge base, and which generation of each can be found in it.

A file knows the knowledge bases it is in (`FileItem.knowledge`), so that its deletion finds them; it is told first and
forgets last, so that what interrupts leaves a file that names one base too many, which does no harm.
"""

from collections.abc import Collection, Iterable

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.update import Action

from shared.clock import now
from shared.errors import NotFound
from shared.files import NO_FILE, FileItem
from shared.knowledge import items
from shared.storage.tables import Item, TableMeta, delete_all, fetch_all, written

PREFIX = "FILE#"


class MembershipItem(Item):
    """KB#<knowledge base>/FILE#<file>. `generation` is the ingestion of the file that is searchable here, if any is.

    `path` is where the file lies in a folder that was uploaded or dropped, `a/b.txt`.
    """

    class Meta(metaclass=TableMeta):
        setting = "knowledge_table"

    generation = UnicodeAttribute(null=True)
    path = UnicodeAttribute(null=True)
    added_by = UnicodeAttribute(null=True)
    added_at = NumberAttribute(null=True)

    @staticmethod
    def key(knowledge_id: str, file_id: str) -> tuple[str, str]:
        """The membership's (pk, sk)."""
        return f"KB#{knowledge_id}", f"{PREFIX}{file_id}"

    @property
    def file_id(self) -> str:
        """The file."""
        return self.sk.removeprefix(PREFIX)


def add(knowledge_id: str, file_id: str, *, by: str | None = None, path: str | None = None) -> None:
    """Puts a file into a knowledge base; what is in it already stays. Its entries are written by whoever indexes it.

    Raises `NotFound` when the file or the knowledge base is gone.
    """
    if not written(
        FileItem(*FileItem.key(file_id)).update, [FileItem.knowledge.add({knowledge_id})], FileItem.pk.exists()
    ):
        raise NotFound(NO_FILE)
    actions: list[Action] = [
        MembershipItem.added_at.set(MembershipItem.added_at | now()),
        MembershipItem.added_by.set(MembershipItem.added_by | (by or "")),
    ]
    if path:
        actions.append(MembershipItem.path.set(path))
    MembershipItem(*MembershipItem.key(knowledge_id, file_id)).update(actions)
    try:
        # Looked at last: a deletion that began before this sees the membership, one that began later is seen here.
        items.find(knowledge_id)
    except NotFound:
        leave(knowledge_id, [file_id])
        raise


def leave(knowledge_id: str, file_ids: Iterable[str]) -> None:
    """Takes files out of a knowledge base: from now on no search in it finds them."""
    listed = list(dict.fromkeys(file_ids))
    delete_all(MembershipItem, [MembershipItem.key(knowledge_id, file_id) for file_id in listed])
    for file_id in listed:
        written(
            FileItem(*FileItem.key(file_id)).update, [FileItem.knowledge.delete({knowledge_id})], FileItem.pk.exists()
        )


def leave_all(file: FileItem) -> list[str]:
    """Takes a file that is being deleted out of all knowledge bases; returns their ids."""
    ids = sorted(file.knowledge or ())
    delete_all(MembershipItem, [MembershipItem.key(knowledge_id, file.file_id) for knowledge_id in ids])
    return ids


def made_searchable(knowledge_id: str, file_id: str, generation: str) -> bool:
    """Notes that all entries of a generation are in the index: searches find it in place of the one before.

    False when the file has left the knowledge base meanwhile; its entries are to be deleted then.
    """
    return written(
        MembershipItem(*MembershipItem.key(knowledge_id, file_id)).update,
        [MembershipItem.generation.set(generation)],
        MembershipItem.pk.exists(),
    )


def of_knowledge(knowledge_id: str) -> list[MembershipItem]:
    """The files of a knowledge base; one consistent query."""
    return list(MembershipItem.query(f"KB#{knowledge_id}", MembershipItem.sk.startswith(PREFIX), consistent_read=True))


def holds(knowledge_id: str, file_id: str) -> bool:
    """Whether the file is in the knowledge base."""
    return file_id in present(knowledge_id, [file_id])


def present(knowledge_id: str, file_ids: Iterable[str]) -> set[str]:
    """Those of the files that are in the knowledge base."""
    keys = [MembershipItem.key(knowledge_id, file_id) for file_id in set(file_ids)]
    return {item.file_id for item in fetch_all(MembershipItem, keys)}


def generations(knowledge_id: str, file_ids: Collection[str]) -> dict[str, str]:
    """The searchable generation of those of the files that are in the knowledge base and have one."""
    found = fetch_all(MembershipItem, [MembershipItem.key(knowledge_id, file_id) for file_id in set(file_ids)])
    return {item.file_id: item.generation for item in found if item.generation}
