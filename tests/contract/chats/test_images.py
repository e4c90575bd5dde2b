"""Inline images become files of the person, once each, and go with the last chat that shows them."""

import base64
from typing import Any

from functions.knowledge.handler import app as files_app
from shared import files
from shared.chats import images
from tests.contract.chats.conftest import message
from tests.contract.chats.people import Person, TestClient

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 4


def data_url(content: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def with_files(person: Person) -> Person:
    return Person(person.id, person.token, TestClient(files_app, base_url="https://chat.example.com"))


def test_images_leave_every_place_a_message_can_have_them(person: Person, new_chat: Any) -> None:
    chat = new_chat(
        message("q", None, f"see ![a]({data_url(PNG)}) here", files=[{"type": "image", "url": data_url(JPEG)}]),
        message("p", "q", [{"type": "image_url", "image_url": {"url": data_url(PNG)}}]),  # type: ignore[arg-type]
    )
    png, jpeg = (files.content_url(files.image_id(chat["id"], content)) for content in (PNG, JPEG))
    messages = chat["chat"]["history"]["messages"]
    assert messages["q"]["content"] == f"see ![a]({png}) here"
    assert messages["q"]["files"] == [{"type": "image", "url": jpeg}]
    assert messages["p"]["content"] == [{"type": "image_url", "image_url": {"url": png}}]

    read = with_files(person).get(jpeg)
    assert (read.content, read.headers["content-type"]) == (JPEG, "image/jpeg")
    assert len(files.of_user(person.id)) == 2


def test_a_client_that_sends_the_image_again_and_again_makes_no_new_file(person: Person, new_chat: Any) -> None:
    own = message("q", None, "x", files=[{"type": "image", "url": data_url(PNG)}])
    chat = new_chat(own)
    for _ in range(2):
        saved = person.post(
            f"/api/v1/chats/{chat['id']}", {"chat": {"history": {"messages": {"q": own}, "currentId": "q"}}}
        ).json()
    assert saved["version"] == chat["version"]
    assert len(files.of_user(person.id)) == 1


def test_an_uploaded_image_stays_while_a_chat_shows_it(person: Person, new_chat: Any) -> None:
    upload = with_files(person).call("POST", "/api/v1/files/", files={"file": ("a.png", PNG, "image/png")}).json()
    shown = {"type": "image", "url": files.content_url(upload["id"])}
    first = new_chat(message("q", None, "x", files=[shown]))
    second = new_chat(message("q", None, "x"))
    add = {"messages": {"r": message("r", "q", "y", files=[{"type": "image", "url": upload["id"]}])}}
    person.post(f"/api/v1/chats/{second['id']}/messages", add)

    person.delete(f"/api/v1/chats/{first['id']}")
    assert with_files(person).get(shown["url"]).status_code == 200
    person.delete(f"/api/v1/chats/{second['id']}")
    assert with_files(person).get(shown["url"]).status_code == 404


def test_a_document_knows_the_chats_it_is_attached_in_and_outlives_them(
    person: Person, other: Person, new_chat: Any
) -> None:
    document = files.store(person.id, "plan.txt", "text/plain", b"some words")
    picture = files.store(person.id, "scan.png", "image/png", PNG)
    theirs = files.store(other.id, "theirs.txt", "text/plain", b"other words")
    attached = [{"type": "file", "id": item.file_id} for item in (document, picture, theirs)]
    first = new_chat(message("q", None, "x", files=attached))
    second = new_chat(message("q", None, "x"))
    add = {"messages": {"r": message("r", "q", "y", files=attached)}}
    person.post(f"/api/v1/chats/{second['id']}/messages", add)
    assert with_files(person).get(f"/api/v1/files/{document.file_id}").json()["chats"] == 2
    for item in (picture, theirs):
        assert not files.find(item.file_id).chats, "what is an image, or somebody else's, does not hang on the chat"

    person.delete(f"/api/v1/chats/{first['id']}")
    assert files.find(document.file_id).chats == {second["id"]}
    person.delete(f"/api/v1/chats/{second['id']}")
    assert not files.find(document.file_id).chats
    assert {item.file_id for item in files.of_user(person.id)} == {document.file_id, picture.file_id}


def test_a_chat_that_shows_the_image_of_another_person_does_not_take_it_along(
    person: Person, other: Person, new_chat: Any
) -> None:
    theirs = with_files(other).call("POST", "/api/v1/files/", files={"file": ("a.png", PNG, "image/png")}).json()
    url = files.content_url(theirs["id"])
    chat = new_chat(message("q", None, f"![x]({url})"))
    assert with_files(person).get(url).status_code == 404
    person.delete(f"/api/v1/chats/{chat['id']}")
    assert with_files(other).get(url).status_code == 200


def test_what_only_looks_like_an_image_stays_as_it_is() -> None:
    odd = {
        "text": message("text", None, f"code: `<img src={data_url(PNG)}>`"),
        "html": message("html", None, f"![x]({data_url(b'<script>alert(1)</script>' * 4)})"),
        "broken": message("broken", None, "![x](data:image/png;base64,AAAAAAAAAAAAAAAAA)"),
        "svg": message("svg", None, data_url(b"<svg onload='alert(1)'></svg>", "image/svg+xml")),
    }
    extracted = images.extract("chat", odd)
    assert extracted.messages == odd
    assert extracted.images == {}
