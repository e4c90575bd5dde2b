"""Use cases of knowledge bases."""

from collections.abc import Sequence

from functions.knowledge import kept
from functions.knowledge.knowledge_models import (
    KnowledgeFileIdForm,
    KnowledgeFilesResponse,
    KnowledgeForm,
    KnowledgeResponse,
    KnowledgeUserResponse,
)
from functions.knowledge.knowledge_views import described, listed, whole
from shared import files
from shared.errors import Forbidden, Invalid, NotFound
from shared.files import NO_FILE
from shared.identity.access import AccessControl
from shared.identity.permissions import permissions
from shared.identity.sessions import Identity
from shared.ingestion import requests
from shared.knowledge import deletion, items, membership
from shared.knowledge.items import NO_KNOWLEDGE, KnowledgeItem
from shared.parallel import in_parallel
from shared.people import access_for, require

MOST_AT_ONCE = 500


def readable(user: Identity) -> list[KnowledgeUserResponse]:
    """The knowledge bases that the person may use in chats, the last changed first."""
    return listed(user, [item for item in items.all_items() if item.readable_by(user)])


def writable(user: Identity) -> list[KnowledgeUserResponse]:
    """Those that the person may change."""
    return listed(user, [item for item in items.all_items() if item.writable_by(user)])


def get(user: Identity, knowledge_id: str) -> KnowledgeFilesResponse:
    """One with all its files; raises `NotFound`."""
    return whole(user, _readable(user, knowledge_id))


def check_writable(user: Identity, knowledge_id: str) -> None:
    """Raises `NotFound` or `Forbidden` unless the person may change it."""
    _writable(user, knowledge_id)


def create(user: Identity, form: KnowledgeForm) -> KnowledgeResponse:
    """Makes one; raises `Forbidden`, `Invalid`, `TooLarge`."""
    require(user, permissions().workspace.knowledge, "make knowledge bases")
    access = _access(user, form)
    data = _limited(form.data)
    item = items.create(user.id, form.name.strip(), form.description.strip(), access=access, data=data)
    return KnowledgeResponse(**described(user, item, []).model_dump(), files=[])


def update(user: Identity, knowledge_id: str, form: KnowledgeForm) -> KnowledgeFilesResponse:
    """Changes name, description and who may use it; raises `NotFound`, `Forbidden`, `Invalid`, `TooLarge`."""
    item = _writable(user, knowledge_id)
    before = KnowledgeForm(name=item.name, description=item.description, access_control=item.access)
    access = _access(user, form, before)
    data = _limited(form.data) if form.data is not None else item.data
    item = items.change(
        knowledge_id,
        [
            KnowledgeItem.name.set(form.name.strip()),
            KnowledgeItem.description.set(form.description.strip()),
            KnowledgeItem.data.set(data) if data is not None else KnowledgeItem.data.remove(),
            KnowledgeItem.access_control.remove()
            if access is None
            else KnowledgeItem.access_control.set(access.model_dump(mode="json")),
        ],
    )
    return whole(user, item)


def add_file(user: Identity, knowledge_id: str, form: KnowledgeFileIdForm) -> KnowledgeFilesResponse:
    """Puts a file of the person into it, and has it made searchable there. Raises `NotFound`, `Forbidden`."""
    item = _writable(user, knowledge_id)
    if not _addable(user, [form]):
        raise NotFound(NO_FILE)
    _add(user, knowledge_id, [form])
    return whole(user, item)


def add_files(user: Identity, knowledge_id: str, forms: Sequence[KnowledgeFileIdForm]) -> KnowledgeFilesResponse:
    """The same with many files; those that are not there are named, the others added."""
    item = _writable(user, knowledge_id)
    _check_count(forms)
    found = _addable(user, forms)
    _add(user, knowledge_id, found)
    missing = sorted({form.file_id for form in forms} - {form.file_id for form in found})
    answer = whole(user, item)
    if missing:
        errors = [f"{file_id}: {NO_FILE}" for file_id in missing]
        answer.warnings = {"message": f"{len(missing)} files could not be added.", "errors": errors}
    return answer


def update_file(user: Identity, knowledge_id: str, form: KnowledgeFileIdForm) -> KnowledgeFilesResponse:
    """Has a file of it read anew; raises `NotFound`, `Forbidden`."""
    return update_files(user, knowledge_id, [form])


def update_files(user: Identity, knowledge_id: str, forms: Sequence[KnowledgeFileIdForm]) -> KnowledgeFilesResponse:
    """The same with many files. Raises `NotFound` when none of them is in it."""
    item = _writable(user, knowledge_id)
    requests.ingest(*_held(knowledge_id, forms))
    return whole(user, item)


def remove_file(
    user: Identity, knowledge_id: str, form: KnowledgeFileIdForm, *, delete_file: bool
) -> KnowledgeFilesResponse:
    """Takes a file out. With `delete_file` it is deleted, if it is the person's and in no other knowledge base."""
    return remove_files(user, knowledge_id, [form], delete_file=delete_file)


def remove_files(
    user: Identity, knowledge_id: str, forms: Sequence[KnowledgeFileIdForm], *, delete_file: bool
) -> KnowledgeFilesResponse:
    """The same with many files. Raises `NotFound` when none of them is in it."""
    item = _writable(user, knowledge_id)
    held = _held(knowledge_id, forms)
    known = files.find_all(held)
    membership.leave(knowledge_id, held)
    requests.forget(knowledge_id, held)
    if delete_file:
        owned = [file for file in known.values() if user.is_admin or file.user_id == user.id]
        in_parallel(requests.remove, [file for file in owned if not set(file.knowledge or ()) - {knowledge_id}])
    return whole(user, items.change(item.knowledge_id, []))


def reset(user: Identity, knowledge_id: str) -> KnowledgeResponse:
    """Takes all files out; they stay files. Raises `NotFound`, `Forbidden`."""
    _writable(user, knowledge_id)
    deletion.empty(knowledge_id)
    item = items.change(knowledge_id, [])
    return KnowledgeResponse(**described(user, item, []).model_dump(), files=[])


def delete(user: Identity, knowledge_id: str) -> bool:
    """Deletes a knowledge base; its files stay. Raises `NotFound`, `Forbidden`."""
    deletion.delete(_writable(user, knowledge_id))
    deletion.finish_broken_off()
    return True


def reindex(user: Identity) -> bool:
    """Has every file of every knowledge base read anew, in the background. Raises `Forbidden`."""
    if not user.is_admin:
        raise Forbidden("Only an admin can have all knowledge indexed again.")
    members = in_parallel(lambda item: membership.of_knowledge(item.knowledge_id), items.all_items())
    requests.ingest(*{member.file_id for some in members for member in some})
    return True


def _addable(user: Identity, forms: Sequence[KnowledgeFileIdForm]) -> list[KnowledgeFileIdForm]:
    """Those whose file is the person's: who may read a file by somebody's sharing it must not share it on."""
    known = files.find_all(form.file_id for form in forms)
    mine = {file_id for file_id, file in known.items() if user.is_admin or file.user_id == user.id}
    return [form for form in forms if form.file_id in mine]


def _add(user: Identity, knowledge_id: str, forms: Sequence[KnowledgeFileIdForm]) -> None:
    in_parallel(lambda form: membership.add(knowledge_id, form.file_id, by=user.id, path=form.path), forms)
    requests.spread(*(form.file_id for form in forms))
    items.change(knowledge_id, [])


def _held(knowledge_id: str, forms: Sequence[KnowledgeFileIdForm]) -> list[str]:
    """Which of the files are in it."""
    _check_count(forms)
    asked = {form.file_id for form in forms}
    held = [member.file_id for member in membership.of_knowledge(knowledge_id) if member.file_id in asked]
    if not held:
        raise NotFound(NO_FILE)
    return held


def _check_count(forms: Sequence[KnowledgeFileIdForm]) -> None:
    if len(forms) > MOST_AT_ONCE:
        raise Invalid(f"At most {MOST_AT_ONCE} files can be sent at once. Send the others afterwards.")


def _access(user: Identity, form: KnowledgeForm, before: KnowledgeForm | None = None) -> AccessControl | None:
    return access_for(user, form, permissions().sharing.public_knowledge, before)


def _limited(data: dict[str, object] | None) -> dict[str, object] | None:
    """What a client keeps with it; which files are in it is not said there."""
    return kept.checked("data", {name: value for name, value in (data or {}).items() if name != "file_ids"}) or None


def _readable(user: Identity, knowledge_id: str) -> KnowledgeItem:
    item = items.find(knowledge_id)
    if not item.readable_by(user):
        raise NotFound(NO_KNOWLEDGE)
    return item


def _writable(user: Identity, knowledge_id: str) -> KnowledgeItem:
    item = _readable(user, knowledge_id)
    if not item.writable_by(user):
        raise Forbidden("You may use this knowledge base, not change it. Ask its owner for the right to.")
    return item
