"""Who may read a collection, and which of its entries count."""

import time
import uuid

import pytest

from shared import files
from shared.errors import NotFound
from shared.files import FileItem
from shared.identity.access import AccessControl, AccessRule, Reader
from shared.ingestion import requests
from shared.knowledge import access, collections, deletion, items, membership


def someone(*, admin: bool = False) -> Reader:
    return Reader(str(uuid.uuid4()), admin)


def open_to(*people: Reader) -> AccessControl:
    return AccessControl(read=AccessRule(user_ids=[one.id for one in people]))


def file_of(person: Reader, generation: str | None = None) -> FileItem:
    item = files.store(person.id, "a.txt", "text/plain", b"text")
    item.generation = generation
    item.save()
    return item


def test_a_file_is_read_by_its_owner_by_admins_and_by_readers_of_a_base_it_is_in(emulator: object) -> None:
    owner, reader, other = someone(), someone(), someone()
    file = file_of(owner, "g1")
    collection = f"file-{file.file_id}"
    assert access.readable(owner, collection)
    assert access.readable(someone(admin=True), collection)
    assert not access.readable(reader, collection)
    base = items.create(owner.id, "Handbook", access=open_to(reader))
    membership.add(base.knowledge_id, file.file_id, by=owner.id)
    assert access.readable(reader, collection)
    assert not access.readable(other, collection)
    membership.leave(base.knowledge_id, [file.file_id])
    assert not access.readable(reader, collection)
    assert access.current(collection, [file.file_id]) == {file.file_id: "g1"}
    assert access.current(collection, ["another"]) == {}


def test_a_knowledge_base_answers_with_what_is_whole_and_still_in_it(emulator: object) -> None:
    owner, reader = someone(), someone()
    base = items.create(owner.id, "Handbook", access=open_to(reader))
    first, second = file_of(owner, "g1"), file_of(owner, "g2")
    for file in (first, second):
        membership.add(base.knowledge_id, file.file_id)
    ids = [first.file_id, second.file_id]
    assert access.readable(reader, base.knowledge_id)
    assert not access.readable(someone(), base.knowledge_id)
    assert access.current(base.knowledge_id, ids) == {}, "nothing of it is in the index yet"
    assert membership.made_searchable(base.knowledge_id, first.file_id, "g1")
    assert access.current(base.knowledge_id, ids) == {first.file_id: "g1"}
    membership.leave_all(files.find(first.file_id))
    assert access.current(base.knowledge_id, ids) == {}
    assert not membership.made_searchable(base.knowledge_id, first.file_id, "g1"), "it has left meanwhile"


def test_nothing_is_added_to_what_is_gone(emulator: object) -> None:
    owner = someone()
    file = file_of(owner)
    with pytest.raises(NotFound):
        membership.add("gone", file.file_id)
    assert not files.find(file.file_id).knowledge
    base = items.create(owner.id, "Handbook")
    with pytest.raises(NotFound):
        membership.add(base.knowledge_id, "gone")
    assert membership.of_knowledge(base.knowledge_id) == []


def test_a_folder_of_the_drop_folder_has_one_knowledge_base(emulator: object) -> None:
    owner, other = someone(), someone()
    name = f"reports-{owner.id}"
    items.create(other.id, name)
    assert items.for_drop(name, owner.id) is None, "nobody else gets what is dropped for the owner"
    first, second = (items.create(owner.id, name, access=AccessControl(), drop_name=name) for _ in range(2))
    assert first.knowledge_id == second.knowledge_id
    found = items.for_drop(name, owner.id)
    assert found is not None
    assert found.knowledge_id == first.knowledge_id


def test_a_text_made_searchable_is_for_its_person_only(emulator: object) -> None:
    person, other = someone(), someone(admin=True)
    name = f"page-{person.id}"
    collections.claim(name, person.id, "g1")
    assert access.readable(person, name)
    assert not access.readable(other, name)
    assert access.current(name, ["page"]) == {"page": "g1"}
    with pytest.raises(NotFound):
        collections.claim(name, other.id, "g2")
    assert not access.readable(person, "unknown")


def test_a_collection_ends_with_its_week_or_its_person_and_leaves_no_entries(emulator: object) -> None:
    person, other = someone(), someone()
    old, kept, mine = (f"{word}-{person.id}" for word in ("old", "kept", "mine"))
    collections.claim(old, other.id, "g1", seconds=-1)
    collections.claim(kept, other.id, "g1")
    collections.claim(mine, person.id, "g1")
    assert not access.readable(other, old)
    assert access.current(old, ["x"]) == {}
    deletion.finish_broken_off()
    assert deletion.delete_of(person.id, time.monotonic() + 10)
    assert collections.find(kept) is not None
    assert (collections.find(mine), collections.over()) == (None, [])
    assert {old, mine} <= {item.collection for item in requests.leftovers()}
