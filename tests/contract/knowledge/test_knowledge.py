"""Knowledge bases: make, list, change, fill, empty, delete, and who may."""

import json

import pytest

from shared import files, presets, sections
from shared.clock import now
from shared.identity.permissions import PermissionsSection
from shared.ingestion import jobs, requests
from shared.knowledge import access, deletion, items, membership
from shared.knowledge.items import KnowledgeItem
from shared.presets import Preset, PresetItem
from tests.contract.chats.people import Person
from tests.contract.knowledge.conftest import add, create, stored


def test_a_knowledge_base_is_made_changed_listed_and_deleted(person: Person, other: Person) -> None:
    made = create(person, data={"file_ids": ["x"], "note": 1})
    assert (made["name"], made["access_control"], made["files"], made["user_id"]) == ("Handbook", {}, [], person.id)
    assert made["data"] == {"note": 1, "file_ids": []}
    at = f"/api/v1/knowledge/{made['id']}"
    file = stored(person)
    filled = add(person, made["id"], file)
    assert filled["data"]["file_ids"] == [file.file_id]
    assert [(one["filename"], one["status"], one["meta"]["name"]) for one in filled["files"]] == [
        ("a.txt", "queued", "a.txt")
    ]
    changed = person.post(f"{at}/update", {"name": "Guide", "description": "", "access_control": {}}).json()
    assert (changed["name"], changed["description"], changed["file_count"]) == ("Guide", "", 1)
    [listed] = person.get("/api/v1/knowledge/").json()
    assert (listed["name"], listed["user"]["id"], len(listed["files"])) == ("Guide", person.id, 1)
    assert other.get("/api/v1/knowledge/").json() == []
    assert person.delete(f"{at}/delete").json() is True
    assert person.get(at).status_code == 404
    assert person.get("/api/v1/knowledge/").json() == []
    assert not files.find(file.file_id).knowledge, "the file stays, and is in no knowledge base"
    assert made["id"] in {item.collection for item in requests.leftovers()}, "its entries are to leave the index"


def test_readers_read_writers_write_and_others_find_nothing(person: Person, other: Person, admin: Person) -> None:
    rules: dict[str, dict[str, list[str]]] = {"read": {"user_ids": [other.id]}, "write": {"user_ids": []}}
    made = create(person, access_control=rules)
    at, file = f"/api/v1/knowledge/{made['id']}", stored(other)
    assert other.get(at).json()["writable"] is False
    assert [one["id"] for one in other.get("/api/v1/knowledge/").json()] == [made["id"]]
    assert other.get("/api/v1/knowledge/list").json() == []
    for path, body in (("update", {"name": "Mine", "description": ""}), ("file/add", {"file_id": file.file_id})):
        assert other.post(f"{at}/{path}", body).status_code == 403
    rules["write"]["user_ids"] = [other.id]
    person.post(f"{at}/update", {"name": "Handbook", "description": "", "access_control": rules})
    assert [one["id"] for one in other.get("/api/v1/knowledge/list").json()] == [made["id"]]
    assert add(other, made["id"], file)["file_count"] == 1
    person.post(f"{at}/update", {"name": "Handbook", "description": "", "access_control": {}})
    assert other.get(at).status_code == 404
    assert admin.get(at).status_code == 200


def test_only_who_may_makes_knowledge_or_opens_it_to_everybody(person: Person, admin: Person) -> None:
    form = {"name": "Open", "description": "", "access_control": None}
    assert person.post("/api/v1/knowledge/create", form).status_code == 403
    assert person.post("/api/v1/knowledge/create", {"name": "Own", "description": ""}).json()["access_control"] == {}
    assert admin.post("/api/v1/knowledge/create", form).json()["access_control"] is None
    sections.update(
        PermissionsSection,
        lambda known: known.model_copy(update={"workspace": known.workspace.model_copy(update={"knowledge": False})}),
    )
    refused = person.post("/api/v1/knowledge/create", {"name": "Own", "description": ""})
    assert refused.status_code == 403
    assert refused.json()["detail"].endswith(".")


def test_files_of_others_cannot_be_added_and_a_batch_tells_which(person: Person, other: Person) -> None:
    made, mine, foreign = create(person), stored(person), stored(other)
    at = f"/api/v1/knowledge/{made['id']}"
    assert person.post(f"{at}/file/add", {"file_id": foreign.file_id}).status_code == 404
    forms = [{"file_id": mine.file_id, "path": "a/b/a.txt"}, {"file_id": foreign.file_id}, {"file_id": "gone"}]
    filled = person.post(f"{at}/files/batch/add", forms).json()
    assert [(one["id"], one["path"]) for one in filled["files"]] == [(mine.file_id, "a/b/a.txt")]
    assert len(filled["warnings"]["errors"]) == 2
    assert not files.find(foreign.file_id).knowledge


def test_adding_queues_the_indexing_and_reading_anew_replaces_it(person: Person) -> None:
    made, file = create(person), stored(person)
    add(person, made["id"], file)
    first = jobs.of_files([file.file_id])[file.file_id]
    assert first.fresh
    assert person.post(f"/api/v1/knowledge/{made['id']}/file/update", {"file_id": file.file_id}).status_code == 200
    assert jobs.of_files([file.file_id])[file.file_id].generation != first.generation
    assert person.post(f"/api/v1/knowledge/{made['id']}/file/update", {"file_id": "gone"}).status_code == 404


@pytest.mark.parametrize("elsewhere", [True, False])
@pytest.mark.parametrize("delete_file", [True, False])
def test_a_file_taken_out_is_deleted_unless_another_base_has_it(
    person: Person, elsewhere: bool, delete_file: bool
) -> None:
    made, file = create(person), stored(person)
    add(person, made["id"], file)
    kept = create(person, "Second")
    if elsewhere:
        add(person, kept["id"], file)
    membership.made_searchable(made["id"], file.file_id, "g1")
    path = f"/api/v1/knowledge/{made['id']}/file/remove?delete_file={str(delete_file).lower()}"
    left = person.post(path, {"file_id": file.file_id})
    assert left.json()["files"] == []
    assert access.current(made["id"], [file.file_id]) == {}
    assert (file.file_id in files.find_all([file.file_id])) is (elsewhere or not delete_file)
    if elsewhere:
        assert membership.holds(kept["id"], file.file_id)


def test_many_files_are_indexed_again_and_taken_out_at_once(person: Person) -> None:
    made, (one, two, three) = create(person), [stored(person, name) for name in ("a.txt", "b.txt", "c.txt")]
    for file in (one, two, three):
        add(person, made["id"], file)
    at = f"/api/v1/knowledge/{made['id']}/files/batch"
    before = jobs.of_files([one.file_id, two.file_id, three.file_id])
    forms = [{"file_id": one.file_id}, {"file_id": two.file_id}, {"file_id": "gone"}]
    assert person.post(f"{at}/update", forms).status_code == 200
    after = jobs.of_files(before)
    changed = {file_id for file_id, job in after.items() if job.generation != before[file_id].generation}
    assert changed == {one.file_id, two.file_id}
    assert [file["id"] for file in person.post(f"{at}/remove", forms).json()["files"]] == [three.file_id]
    assert set(files.find_all(before)) == {three.file_id}
    assert person.post(f"{at}/remove", forms).status_code == 404
    assert person.post(f"{at}/update", [{"file_id": "gone"}] * 1001).status_code == 400


def test_reset_takes_all_files_out_and_leaves_them(person: Person) -> None:
    made = create(person)
    both = [stored(person, name) for name in ("a.txt", "b.txt")]
    for file in both:
        add(person, made["id"], file)
    assert person.post(f"/api/v1/knowledge/{made['id']}/reset").json()["files"] == []
    assert person.get(f"/api/v1/knowledge/{made['id']}").json()["files"] == []
    assert len(files.find_all(file.file_id for file in both)) == 2


def test_only_an_admin_indexes_everything_again(person: Person, admin: Person) -> None:
    made, file = create(person), stored(person)
    add(person, made["id"], file)
    before = jobs.of_files([file.file_id])[file.file_id].generation
    assert person.post("/api/v1/knowledge/reindex").status_code == 403
    assert admin.post("/api/v1/knowledge/reindex").json() is True
    assert jobs.of_files([file.file_id])[file.file_id].generation != before


def test_presets_forget_a_knowledge_base_that_is_deleted(person: Person) -> None:
    made = create(person)
    known = [{"id": made["id"], "name": "Handbook", "type": "collection"}, {"id": "other", "type": "collection"}]
    moment = now()
    preset = Preset(id="helper", user_id=person.id, name="Helper", created_at=moment, updated_at=moment)
    preset.meta = preset.meta.model_validate({"knowledge": known})
    PresetItem.of(preset).save()
    assert person.delete(f"/api/v1/knowledge/{made['id']}/delete").status_code == 200
    found = presets.preset("helper", fresh=True)
    assert found is not None
    assert [one["id"] for one in found.meta.knowledge] == ["other"]


def test_a_deletion_that_broke_off_is_finished(person: Person) -> None:
    made, file = create(person), stored(person)
    add(person, made["id"], file)
    items.change(made["id"], [KnowledgeItem.deleting.set(now() - 100)])
    assert person.get(f"/api/v1/knowledge/{made['id']}").status_code == 404
    assert deletion.finish_broken_off() == 1
    assert items.being_deleted() == []
    assert not files.find(file.file_id).knowledge


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"name": " ", "description": ""},
        {"name": "x" * 201, "description": ""},
        {"name": "x", "description": None},
        {"name": "x", "description": "", "access_control": {"read": "all"}},
        {"name": "x", "description": "", "access_control": {"read": {"user_ids": ["😀" * 200] * 500}}},
        {"name": "x", "description": "", "access_control": {"more": "x" * 500_000}},
        {"name": "x", "description": "", "data": {"text": "x" * 60_000}},
        {"name": "x", "description": "", "data": json.loads(f'{{"a":{"[" * 300}{"]" * 300}}}')},
        {"name": "x", "description": "", "data": json.loads(f'{{"a":{"[" * 32}{"]" * 32}}}')},
    ],
)
def test_a_form_that_is_not_right_is_refused_in_words(person: Person, form: dict[str, object]) -> None:
    answer = person.post("/api/v1/knowledge/create", form)
    assert answer.status_code in (400, 413, 422)
    assert answer.json()["detail"]
    assert person.get("/api/v1/knowledge/list").json() == []
