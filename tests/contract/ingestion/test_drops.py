"""The drop folder: events in any order and more than once, names of all kinds, objects that come to nothing."""

import itertools
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from functions.ingestion.drops import NO_FOLDER, NO_OWNER, look
from functions.ingestion.handler import handler
from functions.ingestion.reconciling import reconcile
from shared import files, sections
from shared.identity.models import UserItem
from shared.ingestion import drops, jobs, requests
from shared.ingestion.drops import DropItem
from shared.knowledge import items, membership
from shared.retrieval.settings import RetrievalSettings
from shared.storage import objects
from tests.contract.ingestion.machine import CONTEXT, Machine, found

_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def _empty(machine: Machine) -> Iterator[None]:
    objects.delete(*objects.keys("drop/"))
    yield
    sections.update(RetrievalSettings, lambda _: RetrievalSettings())


@pytest.fixture
def owner(machine: Machine) -> str:
    """Somebody who owns what is dropped."""
    user_id = str(uuid.uuid4())
    user = UserItem(*UserItem.key(user_id), user_id=user_id, email=f"{user_id}@x.com", name="Owner", role="admin")
    user.created_at = user.updated_at = user.last_active_at = 1
    user.save()
    sections.update(RetrievalSettings, lambda _: RetrievalSettings(drop_folder_owner=user_id))
    return user_id


def sequencer() -> str:
    return f"{next(_numbers):018X}"


def event(key: str, at: str, kind: str = "Created") -> dict[str, Any]:
    return {"source": "aws.s3", "detail-type": f"Object {kind}", "detail": {"object": {"key": key, "sequencer": at}}}


def drop(key: str, content: str | bytes) -> str:
    """Puts an object there and tells of it; what became of it."""
    objects.put(key, content.encode() if isinstance(content, str) else content)
    return tell(key)


def tell(key: str, at: str | None = None) -> str:
    return str(handler(event(key, at or sequencer()), CONTEXT)["outcome"])


def base_of(name: str, owner: str) -> str:
    base = items.for_drop(name, owner)
    assert base is not None
    return base.knowledge_id


def in_base(name: str, owner: str) -> dict[str | None, str]:
    """The files of a knowledge base, by path."""
    return {item.path: item.file_id for item in membership.of_knowledge(base_of(name, owner))}


def test_an_object_is_begun_at_once_also_where_the_index_tells_of_it_late(
    machine: Machine, owner: str, late_index: None
) -> None:
    assert drop("drop/Handbook/a.txt", "apples and pears") == "taken"
    assert len(machine.started) == 1


def test_an_object_is_found_replaced_and_gone(machine: Machine, owner: str) -> None:
    key = "drop/Handbook/travel/2026/Über uns & co.txt"
    assert drop(key, "apples and pears") == "taken"
    machine.run()
    base = base_of("Handbook", owner)
    ((path, file_id),) = in_base("Handbook", owner).items()
    assert path == "travel/2026/Über uns & co.txt"
    file = files.find(file_id)
    assert (file.filename, file.user_id, file.source, file.status) == ("Über uns & co.txt", owner, "drop", "indexed")
    assert len(file.hash) == 64
    assert files.content(file) == b"apples and pears"
    assert items.find(base).access_control == {}, "it is its owner's until they share it"
    assert found(base, "apples") == [file_id]

    assert drop(key, "oranges only") == "taken"
    assert found(base, "apples") == [file_id], "until the new content can be found"
    machine.run()
    assert (found(base, "apples"), found(base, "oranges")) == ([], [file_id])

    objects.delete(key)
    assert tell(key) == "gone"
    assert files.find_all([file_id]) == {}
    machine.run()
    handler({"source": "aws.events"}, CONTEXT)
    assert found(base, "oranges") == []
    assert files.of_user(owner) == []
    assert in_base("Handbook", owner) == {}


def test_the_same_event_twice_makes_one_file(machine: Machine, owner: str) -> None:
    objects.put("drop/Notes/a.txt", b"some words")
    at = sequencer()
    assert [tell("drop/Notes/a.txt", at) for _ in range(3)] == ["taken", "known", "known"]
    machine.run()
    assert len(files.of_user(owner)) == 1
    assert found(base_of("Notes", owner), "words") == list(in_base("Notes", owner).values())


def test_late_events_change_nothing(machine: Machine, owner: str) -> None:
    created, changed, deleted = sequencer(), sequencer(), sequencer()
    key = "drop/Notes/b.txt"
    objects.put(key, b"second")
    assert tell(key, changed) == "taken"
    assert tell(key, created) == "late"
    objects.delete(key)
    assert tell(key, deleted) == "gone"
    assert tell(key, changed) == "late"
    assert tell(key, created) == "late"
    assert drop(key, "third") == "taken"
    machine.run()
    assert len(files.of_user(owner)) == 1


@pytest.mark.parametrize("key", ["drop/loose.txt", "drop//a.txt", "drop/ /a.txt"])
def test_what_lies_in_no_folder_is_listed_as_rejected(owner: str, key: str) -> None:
    assert drop(key, "x") == "rejected"
    assert [(item.object_key, item.reason) for item in drops.rejected()] == [(key, NO_FOLDER)]


def test_folders_are_no_files(owner: str) -> None:
    assert drop("drop/Notes/", "") == "folder"
    assert drops.rejected() == []


def test_without_an_owner_only_what_exists_is_filled_and_rejected_is_taken_later(machine: Machine) -> None:
    base = items.create("u9", "Existing")
    assert drop(f"drop/{base.knowledge_id}/a.txt", "x") == "taken"
    assert drop("drop/New one/a.txt", "some words") == "rejected"
    (item,) = drops.rejected()
    assert "New one" in str(item.reason)
    assert str(item.reason).endswith("the owner of the drop folder.")
    sections.update(RetrievalSettings, lambda _: RetrievalSettings(drop_folder_owner="nobody"))
    assert look("drop/New one/a.txt") == "rejected"
    assert drops.rejected()[0].reason == NO_OWNER
    sections.update(RetrievalSettings, lambda _: RetrievalSettings())
    items.create("u9", "New one", drop_name="New one")
    assert reconcile(lambda: True, at_once=True) == 1
    assert drops.rejected() == []
    machine.run()
    assert len(jobs.of_state("done")) == 2


def test_a_change_to_what_is_not_taken_removes_what_was_there(machine: Machine, owner: str) -> None:
    assert drop("drop/Notes/c.txt", "some words") == "taken"
    machine.run()
    limits = RetrievalSettings(drop_folder_owner=owner, file_max_size=1, allowed_file_extensions=["txt"])
    sections.update(RetrievalSettings, lambda _: limits)
    assert drop("drop/Notes/c.txt", b"x" * (2**20 + 1)) == "rejected"
    assert drop("drop/Notes/c.log", "some words") == "rejected"
    reasons = {item.object_key: str(item.reason) for item in drops.rejected()}
    assert "at most 1 MB" in reasons["drop/Notes/c.txt"]
    assert "Use one of these: txt" in reasons["drop/Notes/c.log"]
    assert files.of_user(owner) == []
    handler({"source": "aws.events"}, CONTEXT)
    assert objects.size("drop/Notes/c.txt") == 2**20 + 1, "what was dropped stays where it is"
    assert drop("drop/Notes/c.txt", "small again") == "taken"


def test_what_no_event_told_of_is_found_by_comparing(machine: Machine, owner: str) -> None:
    for name in ("kept", "changed", "deleted"):
        drop(f"drop/Notes/{name}.txt", name)
    machine.run()
    objects.put("drop/Notes/changed.txt", b"changed since")
    objects.put("drop/Notes/new.txt", b"new")
    objects.delete("drop/Notes/deleted.txt")
    assert reconcile(lambda: True, at_once=True) == 3
    machine.run()
    assert {file.filename for file in files.of_user(owner)} == {"kept.txt", "changed.txt", "new.txt"}
    assert found(base_of("Notes", owner), "since")
    assert reconcile(lambda: True, at_once=True) == 0
    assert reconcile(lambda: True) == 0, "it is not time yet"


def test_a_file_that_a_person_deletes_goes_from_the_folder_too(machine: Machine, owner: str) -> None:
    drop("drop/Notes/d.txt", "some words")
    machine.run()
    (file,) = files.of_user(owner)
    requests.remove(file)
    handler({"task": "delete", "files": [file.file_id]}, CONTEXT)
    assert objects.size("drop/Notes/d.txt") is None
    assert tell("drop/Notes/d.txt") == "gone"
    assert DropItem.get(*DropItem.key("drop/Notes/d.txt")).state == "gone"
