"""Model presets: who may make, see and change them, and what becomes of their parts."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from shared import presets
from shared.identity.access import AccessControl
from shared.knowledge import items
from shared.storage import objects
from tests.contract.chats.people import Person
from tests.contract.workspace.conftest import model_of

Permit = Callable[..., None]

PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 20
ICON = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
ONE = "/api/v1/models/model"


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()]


def made(person: Person, model_id: str = "tutor", **more: Any) -> dict[str, Any]:
    answer = person.post("/api/v1/models/create", model_of(model_id, **more))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_everything_a_client_put_into_a_preset_comes_back(admin: Person) -> None:
    form = model_of(
        "team/tutor:1",
        params={"system": "Be kind. 🙂", "temperature": 0.2, "stop": ["a"], "custom_params": {"x": {"y": 1}}},
        meta={
            "description": "Helps",
            "capabilities": {"vision": True},
            "suggestion_prompts": [{"content": "Hi"}],
            "tags": [{"name": "school"}],
            "knowledge": [{"name": "a text", "content": "words"}],
            "toolIds": ["t"],
            "filterIds": ["f"],
            "hidden": True,
            "unknown": {"deep": [1, None]},
            "profile_image_url": "/static/favicon.png",
        },
        access_control={"read": {"group_ids": ["g"], "user_ids": []}, "note": 1},
    )
    created = made(admin, **form | {"model_id": form.pop("id")})
    shown = admin.get(ONE, params={"id": "team/tutor:1"}).json()
    assert shown == created
    assert {name: shown[name] for name in form} == form
    assert (shown["user_id"], shown["is_active"]) == (admin.id, True)
    stored = presets.preset("team/tutor:1", fresh=True)
    assert stored is not None
    assert stored.meta.hidden
    assert stored.params.given()["temperature"] == 0.2


def test_making_a_model_takes_the_permission(person: Person, permit: Permit) -> None:
    assert person.post("/api/v1/models/create", model_of("mine")).status_code == 403
    permit("workspace.models")
    assert made(person, "mine")["access_control"] == {}, "without the permission to share it is private"
    opened = person.post("/api/v1/models/create", model_of("open", access_control=None))
    assert opened.status_code == 403
    permit("workspace.models", "sharing.public_models")
    assert made(person, "open", access_control=None)["access_control"] is None


def test_only_an_admin_changes_a_model_of_a_connection(person: Person, admin: Person, permit: Permit) -> None:
    permit("workspace.models", "sharing.public_models")
    form = model_of("gpt", base_model_id=None, name="Ours")
    assert person.post("/api/v1/models/create", form).status_code == 403
    made(admin, **form | {"model_id": form.pop("id")})
    made(person, "mine")
    turned = person.post(f"{ONE}/update?id=mine", model_of("mine", base_model_id=None))
    assert turned.status_code == 403
    assert ids(admin.get("/api/v1/models/base")) == ["gpt"]
    assert ids(admin.get("/api/v1/models/")) == ["mine"]


@pytest.mark.parametrize(
    ("access", "reads", "writes"),
    [
        (None, 200, 403),
        ({}, 404, 404),
        ({"read": {"user_ids": ["OTHER"]}}, 200, 403),
        ({"read": {"user_ids": ["somebody"]}}, 404, 404),
        ({"write": {"user_ids": ["OTHER"]}}, 200, 200),
    ],
)
def test_who_else_may_read_and_change_it(
    person: Person,
    other: Person,
    admin: Person,
    permit: Permit,
    access: dict[str, Any] | None,
    reads: int,
    writes: int,
) -> None:
    permit("workspace.models", "sharing.public_models")
    access = json.loads(json.dumps(access).replace("OTHER", other.id))
    made(person, "shared", access_control=access)
    assert other.get(ONE, params={"id": "shared"}).status_code == reads
    assert other.post(f"{ONE}/toggle?id=shared").status_code == writes
    form = model_of("shared", access_control=access)
    assert other.post(f"{ONE}/update?id=shared", form).status_code == writes
    assert ids(other.get("/api/v1/models/")) == (["shared"] if writes == 200 else [])
    assert other.delete(f"{ONE}/delete?id=shared").status_code == writes
    if writes != 200:
        assert ids(admin.get("/api/v1/models/")) == ["shared"]
        assert admin.delete(f"{ONE}/delete?id=shared").json() is True
    assert person.get(ONE, params={"id": "shared"}).status_code == 404


def test_the_list_tells_whose_a_preset_is(person: Person, admin: Person, permit: Permit) -> None:
    permit("workspace.models")
    made(person, "mine")
    (shown,) = admin.get("/api/v1/models/").json()
    assert (shown["user"]["id"], shown["user"]["name"]) == (person.id, "Ada")
    assert ids(admin.get("/api/v1/models/", params={"id": "other"})) == []


def test_an_id_is_taken_once(admin: Person) -> None:
    made(admin, "one")
    again = admin.post("/api/v1/models/create", model_of("one", name="Thief"))
    assert again.status_code == 409
    assert "another id" in again.json()["detail"]
    assert admin.get(ONE, params={"id": "one"}).json()["name"] == "One"


def test_a_change_keeps_the_owner_and_the_day_it_was_made(person: Person, admin: Person, permit: Permit) -> None:
    permit("workspace.models")
    before = made(person, "mine")
    after = admin.post(f"{ONE}/update?id=mine", model_of("renamed", name="Better")).json()
    assert (after["id"], after["name"]) == ("mine", "Better")
    assert (after["user_id"], after["created_at"]) == (person.id, before["created_at"])
    assert after["access_control"] == {}, "left out, it stays as it was"


def test_toggle_turns_it_off_and_on(admin: Person) -> None:
    made(admin, "one")
    assert admin.post(f"{ONE}/toggle?id=one").json()["is_active"] is False
    assert admin.post(f"{ONE}/toggle?id=one").json()["is_active"] is True


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"id": ""}, 422),
        ({"id": "x" * 257}, 422),
        ({"id": " x"}, 422),
        ({"id": "a\nb"}, 422),
        ({"name": " "}, 422),
        ({"params": []}, 422),
        ({"access_control": {"read": {"user_ids": "all"}}}, 422),
        ({"base_model_id": "one"}, 400),
        ({"base_model_id": "derived"}, 400),
        ({"meta": {"profile_image_url": "data:image/svg+xml;base64,PHN2Zz4="}}, 400),
        ({"meta": {"profile_image_url": "data:image/png;base64,AAAA"}}, 400),
        ({"meta": {"profile_image_url": "data:image/png;base64,%%%"}}, 400),
        ({"meta": {"profile_image_url": "/api/v1/auths/signout"}}, 400),
        ({"meta": {"profile_image_url": "javascript:alert(1)"}}, 400),
        ({"meta": {"profile_image_url": "http://["}}, 400),
        ({"meta": {"tags": 5}}, 422),
        ({"meta": {"tags": [{"name": [1]}]}}, 422),
        ({"meta": {"suggestion_prompts": [{"content": 5}]}}, 422),
        ({"meta": {"knowledge": "all"}}, 422),
        ({"meta": {"knowledge": [{"id": "x" * 3000, "type": "file"}]}}, 400),
        ({"meta": {"knowledge": [{"id": "x" * 3000, "type": "collection"}]}}, 400),
        ({"meta": {"toolIds": [5]}}, 422),
        ({"id": "🙂" * 256}, 400),
        ({"params": {"system": "x" * 400_000}}, 413),
    ],
)
def test_what_is_not_right_is_refused_in_words(admin: Person, change: dict[str, Any], status: int) -> None:
    made(admin, "derived")
    answer = admin.post("/api/v1/models/create", model_of("one") | change)
    assert answer.status_code == status, answer.text
    assert isinstance(answer.json()["detail"], str)
    assert ids(admin.get("/api/v1/models/")) == ["derived"]


def test_an_icon_lies_in_s3_and_goes_with_its_preset(admin: Person) -> None:
    url = made(admin, "one", meta={"profile_image_url": ICON})["meta"]["profile_image_url"]
    assert url.startswith(f"{ONE}/profile/image?id=one&v=")
    answer = admin.get(url)
    assert (answer.content, answer.headers["content-type"]) == (PNG, "image/png")
    assert "immutable" in answer.headers["cache-control"]
    kept = admin.post(f"{ONE}/update?id=one", model_of("one", meta={"profile_image_url": url})).json()
    assert kept["meta"]["profile_image_url"] == url
    assert admin.get(url).content == PNG
    admin.post(f"{ONE}/update?id=one", model_of("one", meta={"profile_image_url": "/static/favicon.png"}))
    assert not list(objects.keys("presets/"))
    made(admin, "two", meta={"profile_image_url": ICON})
    admin.delete(f"{ONE}/delete?id=two")
    assert not list(objects.keys("presets/"))


def test_a_clone_has_an_icon_of_its_own(admin: Person) -> None:
    url = made(admin, "one", meta={"profile_image_url": ICON})["meta"]["profile_image_url"]
    copied = made(admin, "copy", meta={"profile_image_url": url})["meta"]["profile_image_url"]
    admin.delete(f"{ONE}/delete?id=one")
    assert "id=copy" in copied
    assert admin.get(copied).content == PNG


def test_an_icon_is_shown_to_those_who_may_use_the_model(person: Person, admin: Person) -> None:
    url = made(admin, "one", meta={"profile_image_url": ICON}, access_control={})["meta"]["profile_image_url"]
    hidden = person.get(url)
    assert (hidden.status_code, hidden.headers["content-type"]) == (200, "image/svg+xml")
    unknown = person.get(f"{ONE}/profile/image", params={"id": "gpt-x"})
    assert ">G</text>" in unknown.text
    made(admin, "two", meta={"profile_image_url": "https://example.com/a.png"})
    away = person.get(f"{ONE}/profile/image", params={"id": "two"})
    assert (away.status_code, away.headers["location"]) == (302, "https://example.com/a.png")


def test_an_export_imported_elsewhere_is_the_same(admin: Person, person: Person, permit: Permit) -> None:
    permit("workspace.models")
    made(person, "mine", params={"system": "S"}, meta={"profile_image_url": ICON})
    made(admin, "gpt", base_model_id=None)
    exported = admin.get("/api/v1/models/export").json()
    assert [one["id"] for one in exported] == ["mine"], "changes of base models are not presets"
    assert exported[0]["meta"]["profile_image_url"] == ICON
    assert admin.delete("/api/v1/models/delete/all").json() is True
    assert ids(admin.get("/api/v1/models/base")) == []
    assert not list(objects.keys("presets/"))
    assert admin.post("/api/v1/models/import", {"models": exported}).json() is True
    (again,) = admin.get("/api/v1/models/export").json()
    same = ("id", "name", "params", "meta", "base_model_id", "access_control", "is_active")
    assert {name: again[name] for name in same} == {name: exported[0][name] for name in same}


def test_an_import_replaces_what_it_names_and_keeps_the_rest(person: Person, admin: Person, permit: Permit) -> None:
    permit("workspace.models")
    made(person, "mine", params={"system": "Old"}, name="Name")
    made(admin, "other")
    nested = {"id": "new", "info": model_of("new", base_model_id="b")}
    answer = admin.post("/api/v1/models/import", {"models": [{"id": "mine", "params": {"system": "New"}}, nested]})
    assert answer.json() is True
    assert sorted(ids(admin.get("/api/v1/models/"))) == ["mine", "new", "other"]
    mine = admin.get(ONE, params={"id": "mine"}).json()
    assert (mine["params"], mine["name"], mine["user_id"]) == ({"system": "New"}, "Name", person.id)


@pytest.mark.parametrize(
    ("models", "words"),
    [
        ([{"id": "fine", "name": "F"}, {"id": "broken"}], "broken"),
        ([{"id": "fine", "name": "F"}, {"name": "Nameless"}], "number 2"),
        ([{"id": "fine", "name": "F"}, {"id": "x", "name": "X", "params": 7}], "params"),
        ([{"id": "fine", "name": "F"}, {"id": "x", "name": "X", "meta": {"tags": [{"name": 5}]}}], "meta.tags.0.name"),
        ([{"id": "fine", "name": "F"}, {"id": "x", "name": "X", "params": {"system": "x" * 400_000}}], "390 KB"),
    ],
)
def test_of_a_broken_import_nothing_is_stored(admin: Person, models: list[dict[str, Any]], words: str) -> None:
    answer = admin.post("/api/v1/models/import", {"models": models})
    assert answer.status_code in (400, 413)
    assert words in answer.json()["detail"]
    assert presets.all_presets(fresh=True) == ()


def test_sync_leaves_exactly_what_it_names(admin: Person, person: Person, permit: Permit) -> None:
    permit("workspace.models")
    kept = made(person, "kept")
    made(admin, "gone", meta={"profile_image_url": ICON})
    new = {**kept, "id": "new", "name": "New"}
    answer = admin.post("/api/v1/models/sync", {"models": [{**kept, "name": "Kept"}, new]})
    assert {one["id"]: one["name"] for one in answer.json()} == {"kept": "Kept", "new": "New"}
    assert {one["id"]: one["user_id"] for one in answer.json()} == {"kept": person.id, "new": admin.id}
    assert not list(objects.keys("presets/"))


def test_a_change_reaches_whoever_reads_the_presets_at_once_in_this_process(admin: Person) -> None:
    made(admin, "one")
    assert [one.id for one in presets.all_presets()] == ["one"]
    admin.post(f"{ONE}/update?id=one", model_of("one", name="Two"))
    assert presets.preset("one") is not None
    assert [one.name for one in presets.all_presets()] == ["Two"]


@pytest.mark.parametrize("change", [{"access_control": {}}, {"is_active": False}])
def test_a_preset_is_made_only_of_a_model_that_its_maker_may_use(
    person: Person, admin: Person, permit: Permit, change: dict[str, Any]
) -> None:
    permit("workspace.models")
    made(person, "early")
    made(person, "other", base_model_id="elsewhere")
    made(admin, "base", base_model_id=None, **change)
    for path, form in (
        ("/api/v1/models/create", model_of("mine")),
        (f"{ONE}/update?id=other", model_of("other")),
    ):
        refused = person.post(path, form)
        assert (refused.status_code, "may not use the model base" in refused.text) == (400, True), refused.text
    assert person.post(f"{ONE}/update?id=early", model_of("early", name="Kept")).status_code == 200
    made(admin, "given")


def test_what_an_admin_gives_people_stays_made_of_what_the_admin_chose(person: Person, admin: Person) -> None:
    made(admin, "given", access_control={"write": {"user_ids": [person.id]}})
    assert person.post(f"{ONE}/update?id=given", model_of("given", name="Better")).status_code == 200
    assert person.post(f"{ONE}/update?id=given", model_of("given", base_model_id="secret")).status_code == 403


def test_a_preset_is_given_only_what_its_maker_may_read(person: Person, other: Person, permit: Permit) -> None:
    permit("workspace.models")
    mine, foreign = (items.create(one.id, "Handbook", access=AccessControl()).knowledge_id for one in (person, other))
    own = {"id": mine, "type": "collection", "name": "Handbook"}
    for wrong in (
        {"id": foreign, "type": "collection", "name": "x"},
        {"id": "gone", "type": "file"},
        {"collection_names": [foreign], "legacy": True},
    ):
        refused = person.post("/api/v1/models/create", model_of("tutor", meta={"knowledge": [own, wrong]}))
        assert refused.status_code == 400
        assert refused.json()["detail"].startswith("1 of the files or knowledge bases")
    made(person, meta={"knowledge": [own]}, access_control={"write": {"user_ids": [other.id]}})
    form = model_of("tutor", meta={"knowledge": [own]}, params={"system": "Be kind."})
    assert other.post("/api/v1/models/model/update", form, params={"id": "tutor"}).status_code == 200
    again = {**form, "meta": {"knowledge": [own, {**own, "context": "full"}]}}
    assert other.post("/api/v1/models/model/update", again, params={"id": "tutor"}).status_code == 400
