"""Shared chats: a snapshot for whoever has the link, brought up to date and ended; copies of chats."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from functions.chats.handler import app
from functions.knowledge.handler import app as knowledge
from shared import files, sections
from shared.chats.models import ShareItem
from shared.identity.config import AuthSection
from shared.identity.permissions import PermissionsSection
from shared.settings import settings
from shared.storage import objects
from tests.contract.chats.conftest import message
from tests.contract.chats.people import Person, keys

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
DATA_URL = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"


@pytest.fixture
def shared(person: Person, new_chat: Any) -> dict[str, Any]:
    """A chat with an image, and its share."""
    chat = new_chat(
        message("q", None, "look", files=[{"type": "image", "url": DATA_URL}]),
        message("a", "q", f"![it]({DATA_URL})", run={"state": "done", "task_id": "a.1", "attempt": 1}),
        title="Ours",
    )
    answer = person.post(f"/api/v1/chats/{chat['id']}/share")
    assert answer.status_code == 200, answer.text
    return {"chat": chat, "share": answer.json()}


@pytest.fixture
def open_to_all() -> Iterator[None]:
    sections.update(AuthSection, lambda section: section.model_copy(update={"enable_public_shares": True}))
    yield
    sections.update(AuthSection, lambda section: section.model_copy(update={"enable_public_shares": False}))


def read(person: Person, share_id: str) -> Any:
    return person.get(f"/api/v1/chats/share/{share_id}")


def texts(chat: Any) -> dict[str, str]:
    return {key: value["content"] for key, value in chat["chat"]["history"]["messages"].items()}


def images_of(chat: Any) -> list[str]:
    return sorted(set(files.CONTENT_URL.findall(json.dumps(chat))))


def test_a_share_is_the_chat_as_it_was(person: Person, other: Person, shared: Any) -> None:
    chat, share = shared["chat"], shared["share"]
    assert share["id"] != chat["id"]
    assert person.get(f"/api/v1/chats/{chat['id']}").json()["share_id"] == share["id"]
    person.post(f"/api/v1/chats/{chat['id']}/messages", {"messages": {"q": {"content": "changed"}}})
    seen = read(other, share["id"])
    assert seen.status_code == 200
    assert (seen.json()["title"], seen.json()["user_id"], texts(seen.json())["q"]) == (
        "Ours",
        f"shared-{chat['id']}",
        "look",
    )
    assert not {"read", "run"} & set(json.dumps(seen.json()["chat"]).replace('"', " ").split())
    assert other.get(f"/api/v1/chats/{chat['id']}").status_code == 404

    again = person.post(f"/api/v1/chats/{chat['id']}/share").json()
    assert again["id"] == share["id"]
    assert texts(read(other, share["id"]).json())["q"] == "changed"
    assert len(list(objects.keys(f"chats/{chat['id']}/share/"))) == 1


def test_an_ended_share_leads_nowhere(person: Person, other: Person, shared: Any) -> None:
    chat, share = shared["chat"], shared["share"]
    path = f"/api/v1/chats/{chat['id']}/share"
    assert other.delete(path).status_code == 404
    assert person.delete(path).json() is True
    assert read(other, share["id"]).status_code == 404
    assert person.get(f"/api/v1/chats/{chat['id']}").json()["share_id"] is None
    assert list(objects.keys(f"chats/{chat['id']}/share/")) == []
    assert person.delete(path).json() is False
    assert person.post(path).json()["id"] != share["id"]


def test_a_share_goes_with_its_chat(person: Person, other: Person, shared: Any) -> None:
    person.delete(f"/api/v1/chats/{shared['chat']['id']}")
    assert read(other, shared["share"]["id"]).status_code == 404
    assert keys(settings().chats_table, ShareItem.key(shared["share"]["id"])[0]) == []
    assert list(objects.keys(f"chats/{shared['chat']['id']}/")) == []


def test_only_whom_the_admin_lets_opens_a_share(
    person: Person, pending: Person, shared: Any, request: pytest.FixtureRequest
) -> None:
    path = f"/api/v1/chats/share/{shared['share']['id']}"
    (image_id,) = images_of(read(person, shared["share"]["id"]).json())
    anybody = TestClient(app, base_url="https://chat.example.com")
    image = TestClient(knowledge, base_url="https://chat.example.com"), f"/api/v1/files/{image_id}/content"
    assert anybody.get(path).status_code == image[0].get(image[1]).status_code == 401
    assert pending.get(path).status_code == 403
    request.getfixturevalue("open_to_all")
    assert anybody.get(path).json()["title"] == pending.get(path).json()["title"] == "Ours"
    assert image[0].get(image[1]).content == PNG
    assert anybody.get("/api/v1/chats/share/none").status_code == 404
    assert anybody.get(f"/api/v1/chats/share/{shared['chat']['id']}").status_code == 404


def test_images_of_a_shared_chat_are_seen_while_it_is_shared(person: Person, other: Person, shared: Any) -> None:
    share_id = shared["share"]["id"]
    (image_id,) = images_of(read(other, share_id).json())
    looks = Person(other.id, other.token, TestClient(knowledge, base_url="https://chat.example.com"))
    path = f"/api/v1/files/{image_id}/content"
    assert looks.get(path).content == PNG
    assert looks.get(f"/api/v1/files/{image_id}").status_code == 404
    assert looks.delete(f"/api/v1/files/{image_id}").status_code == 404
    person.delete(f"/api/v1/chats/{shared['chat']['id']}/share")
    assert looks.get(path).status_code == 404


def test_an_image_that_came_after_the_share_is_not_in_it(person: Person, other: Person, shared: Any) -> None:
    late = f"data:image/png;base64,{base64.b64encode(PNG + b'late').decode()}"
    path = f"/api/v1/chats/{shared['chat']['id']}"
    person.post(f"{path}/messages", {"messages": {"q2": message("q2", "a", f"![x]({late})")}})
    (late_id,) = set(images_of(person.get(path).json())) - set(images_of(shared["share"]))
    looks = Person(other.id, other.token, TestClient(knowledge, base_url="https://chat.example.com"))
    assert looks.get(f"/api/v1/files/{late_id}/content").status_code == 404


def test_a_copy_of_a_shared_chat_is_the_persons_own(person: Person, other: Person, shared: Any) -> None:
    share_id = shared["share"]["id"]
    answer = other.post(f"/api/v1/chats/{share_id}/clone/shared")
    assert answer.status_code == 200, answer.text
    copy = answer.json()
    assert (copy["title"], copy["user_id"], copy["chat"]["originalChatId"]) == ("Clone of Ours", other.id, share_id)
    assert copy["chat"]["branchPointMessageId"] == "a"
    (image_id,) = images_of(copy)
    assert image_id not in images_of(shared["share"])
    person.delete(f"/api/v1/chats/{shared['chat']['id']}")
    again = other.get(f"/api/v1/chats/{copy['id']}").json()
    assert texts(again) == texts(copy)
    looks = Person(other.id, other.token, TestClient(knowledge, base_url="https://chat.example.com"))
    assert looks.get(f"/api/v1/files/{image_id}/content").content == PNG
    assert other.post(f"/api/v1/chats/{share_id}/clone/shared").status_code == 404
    other.delete(f"/api/v1/chats/{copy['id']}")
    assert files.find_all([image_id]) == {}


def test_a_copy_of_ones_own_chat(person: Person, other: Person, shared: Any) -> None:
    chat = shared["chat"]
    person.post(f"/api/v1/chats/{chat['id']}/tags", {"name": "t"})
    folder_id = person.post("/api/v1/folders/", {"name": "Work"}).json()["id"]
    person.post(f"/api/v1/chats/{chat['id']}/folder", {"folder_id": folder_id})
    copy = person.post(f"/api/v1/chats/{chat['id']}/clone", {}).json()
    assert (copy["title"], copy["folder_id"], copy["share_id"], copy["meta"]) == (
        "Clone of Ours",
        folder_id,
        None,
        {"tags": ["t"]},
    )
    assert copy["chat"]["originalChatId"] == chat["id"]
    named = person.post(f"/api/v1/chats/{chat['id']}/clone", {"title": "Mine"}).json()
    assert named["title"] == named["chat"]["title"] == "Mine"
    assert len(person.post("/api/v1/chats/tags", {"name": "t"}).json()) == 3
    (image_id,) = images_of(copy)
    person.delete(f"/api/v1/chats/{chat['id']}")
    assert image_id in files.find_all([image_id]), "the copies still show it"
    person.delete(f"/api/v1/chats/{copy['id']}")
    person.delete(f"/api/v1/chats/{named['id']}")
    assert files.find_all([image_id]) == {}
    assert other.post(f"/api/v1/chats/{chat['id']}/clone", {}).status_code == 404


def test_an_admin_reads_and_copies_any_chat(admin: Person, shared: Any) -> None:
    chat = shared["chat"]
    seen = read(admin, chat["id"]).json()
    assert (seen["title"], texts(seen)["q"]) == ("Ours", "look")
    copy = admin.post(f"/api/v1/chats/{chat['id']}/clone/shared").json()
    assert copy["user_id"] == admin.id
    assert images_of(copy) != images_of(seen)
    assert read(admin, "none").status_code == 404


def test_sharing_can_be_switched_off(person: Person, admin: Person, new_chat: Any) -> None:
    before = sections.load(PermissionsSection)
    chat = new_chat(message("q", None, "x"))

    def forbid(section: PermissionsSection) -> PermissionsSection:
        section.chat.share = False
        return section

    sections.update(PermissionsSection, forbid)
    try:
        assert person.post(f"/api/v1/chats/{chat['id']}/share").status_code == 403
        own = admin.post("/api/v1/chats/new", {"chat": {}}).json()
        assert admin.post(f"/api/v1/chats/{own['id']}/share").status_code == 200
    finally:
        sections.update(PermissionsSection, lambda _: before)
