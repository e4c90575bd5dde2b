"""From a file to a cited answer on the deployed stack, with each function's own role."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.integration.answers_site import Person, Site, connected
from tests.support.stack import Stack
from tests.support.waiting import until

TEXT = "# Leave\n\nEverybody at Quillfeather has thirty days of holidays a year.\n"
QUESTION = "How many days of holidays are there at Quillfeather?"


@pytest.fixture(scope="module")
def site(cirrus: Stack) -> Iterator[Site]:
    with connected(cirrus) as found:
        yield found


def ok(answer: httpx2.Response) -> Any:
    assert answer.status_code == 200, f"{answer.request.url}: {answer.text}"
    return answer.json()


def answered(site: Site, person: Person, model: str, **form: Any) -> dict[str, Any]:
    """The stored message of an answer to the question."""
    chat_id, message_id = site.new_chat(person)
    site.ask(person, chat_id, message_id, model=model, messages=[{"role": "user", "content": QUESTION}], **form)
    at = f"/api/v1/chats/{chat_id}/messages/{message_id}"
    until(lambda: bool(ok(person.http.get(at)).get("done")), 60, "the answer has ended")
    return dict(ok(person.http.get(at)))


@pytest.mark.timeout(300)
def test_from_an_upload_to_answers_that_cite_it_and_nothing_after_its_deletion(site: Site) -> None:
    admin, reader = site.person("admin"), site.person()
    uploaded = ok(admin.http.post("/api/v1/files/", files={"file": ("leave.md", TEXT.encode(), "text/markdown")}))
    rules = {"read": {"user_ids": [reader.id]}}
    form = {"name": "Handbook", "description": "What we know", "access_control": rules}
    base = ok(admin.http.post("/api/v1/knowledge/create", json=form))
    at = f"/api/v1/knowledge/{base['id']}"
    ok(admin.http.post(f"{at}/file/add", json={"file_id": uploaded["id"]}))

    def status() -> str:
        [file] = ok(admin.http.get(at))["files"]
        assert file["status"] != "failed", file["reason"]
        return str(file["status"])

    until(lambda: status() == "indexed", 120, "the file can be found")
    attached = [{"type": "collection", "id": base["id"], "name": "Handbook"}]
    message = answered(site, reader, site.model, files=attached)
    [source] = message["sources"]
    assert source["source"]["name"] == "leave.md"
    assert "thirty days" in source["document"][0]
    assert [one["action"] for one in message["statusHistory"]] == ["queries_generated", "sources_retrieved"]
    asked = site.server.completions(site.name)[-1].body["messages"][-1]["content"]
    assert '<source id="1" name="leave.md"' in asked

    preset = f"helper-{base['id']}"
    meta = {"knowledge": [{"id": base["id"], "name": "Handbook", "type": "collection"}]}
    made = {"id": preset, "base_model_id": site.model, "name": "Helper", "meta": meta, "params": {}}
    ok(admin.http.post("/api/v1/models/create", json=made))
    ok(admin.http.post(f"{at}/update", json={**form, "access_control": {}}))
    assert "sources" not in answered(site, reader, site.model, files=attached), "it is shared no more"
    assert answered(site, reader, preset)["sources"], "but for the preset"

    ok(reader.http.post("/api/v1/memories/add", json={"content": "I work at Quillfeather in Berlin."}))
    answered(site, reader, site.model, features={"memory": True})
    assert "Quillfeather in Berlin" in site.server.completions(site.name)[-1].body["messages"][0]["content"]

    ok(admin.http.post(f"{at}/file/remove", json={"file_id": uploaded["id"]}))
    until(lambda: admin.http.get(f"/api/v1/files/{uploaded['id']}").status_code == 404, 30, "the file is gone")
    assert "sources" not in answered(site, reader, preset)
    assert ok(admin.http.delete(f"{at}/delete")) is True
