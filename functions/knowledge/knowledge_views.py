"""How knowledge bases are shown."""

from collections.abc import Iterable, Sequence

from functions.knowledge import kept
from functions.knowledge.knowledge_models import (
    KnowledgeFile,
    KnowledgeFilesResponse,
    KnowledgeModel,
    KnowledgeUserResponse,
)
from shared import files
from shared.files import FileItem
from shared.identity.sessions import Identity
from shared.knowledge import membership
from shared.knowledge.items import KnowledgeItem
from shared.knowledge.membership import MembershipItem
from shared.parallel import in_parallel
from shared.people import owners

SHOWN_FILES = 200
"""Of how many files of each knowledge base a list tells."""


def listed(user: Identity, found: Sequence[KnowledgeItem]) -> list[KnowledgeUserResponse]:
    """Knowledge bases as lists have them: with their owners, and with the files that were added last."""
    members = in_parallel(lambda item: membership.of_knowledge(item.knowledge_id), found)
    shown = [_newest(some)[:SHOWN_FILES] for some in members]
    known = files.find_all(member.file_id for some in shown for member in some)
    people = owners(item.user_id for item in found)
    return [
        KnowledgeUserResponse(
            **described(user, item, some).model_dump(),
            user=people.get(item.user_id),
            files=[_file(known[member.file_id], member) for member in first if member.file_id in known],
        )
        for item, some, first in zip(found, members, shown, strict=True)
    ]


def whole(user: Identity, item: KnowledgeItem) -> KnowledgeFilesResponse:
    """One with all its files."""
    inside = membership.of_knowledge(item.knowledge_id)
    known = files.find_all(member.file_id for member in inside)
    members = _newest(member for member in inside if member.file_id in known)
    found = [_file(known[member.file_id], member) for member in members]
    return KnowledgeFilesResponse(**described(user, item, members).model_dump(), files=found)


def described(user: Identity, item: KnowledgeItem, members: Sequence[MembershipItem]) -> KnowledgeModel:
    """What there is to say of one beside its files."""
    return KnowledgeModel(
        id=item.knowledge_id,
        user_id=item.user_id,
        name=item.name,
        description=item.description or "",
        data={**kept.shown(item.data), "file_ids": [member.file_id for member in members]},
        meta=item.meta,
        access_control=item.access,
        created_at=int(item.created_at),
        updated_at=int(item.updated_at),
        file_count=len(members),
        writable=item.writable_by(user),
    )


def _newest(members: Iterable[MembershipItem]) -> list[MembershipItem]:
    return sorted(members, key=lambda member: (-int(member.added_at or 0), member.sk))


def _file(file: FileItem, member: MembershipItem) -> KnowledgeFile:
    described = {"name": file.filename, "content_type": file.content_type, "size": int(file.size)}
    return KnowledgeFile(
        id=file.file_id,
        hash=file.hash,
        meta={**kept.shown(file.meta), **described},
        created_at=int(file.created_at),
        updated_at=int(file.updated_at),
        user_id=file.user_id,
        filename=file.filename,
        path=member.path,
        status=file.status,
        progress=None if file.progress is None else int(file.progress),
        reason=file.reason,
    )
