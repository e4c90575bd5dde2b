"""Pulls in the background: kept in the table, carried on by another worker, told on the socket, ended by hand."""

import asyncio
import hashlib
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from functions.inference import ollama_pull_routes, ollama_uploads
from functions.pulls import files, service
from functions.timers import pulls as timer
from shared import pulls, sections
from shared.llm.connections import ConnectionsSection, OllamaForm, update_ollama
from shared.llm.registry import registry
from shared.storage import objects
from tests.contract.answers.world import Channel, person
from tests.support.ollama_server import SIZE, OllamaServer, running


@pytest.fixture(scope="module")
def one() -> Iterator[OllamaServer]:
    with running() as server:
        yield server


class World:
    """An admin, a server, and what was asked of workers and timers."""

    def __init__(self, admin: TestClient, server: OllamaServer, channel: Channel) -> None:
        self.admin, self.server, self.channel = admin, server, channel
        self.dispatched: list[str] = []
        self.watched: list[str] = []

    def start(self, model: str = "new:latest", **wish: Any) -> dict[str, Any]:
        """Asks for a pull."""
        answer = self.admin.post("/ollama/pulls", json={"model": model, **wish})
        assert answer.status_code == 200, answer.text
        started: dict[str, Any] = answer.json()
        return started

    def begin(self, size: int, model: str = "mine") -> dict[str, Any]:
        """Begins the upload of a file."""
        answer = self.admin.post("/ollama/uploads", json={"model": model, "size": size})
        assert answer.status_code == 200, answer.text
        begun: dict[str, Any] = answer.json()
        return begun

    def send(self, upload: dict[str, Any], content: bytes) -> list[str]:
        """Sends the parts of a file as a browser does; their ETags."""
        path, size = f"/ollama/uploads/{upload['id']}/parts", upload["part_size"]
        urls = self.admin.post(path, json={"first": 1, "count": upload["parts"]}).json()["urls"]
        parts = [content[start : start + size] for start in range(0, len(content), size)]
        answers = [httpx2.put(url, content=part) for url, part in zip(urls, parts, strict=True)]
        return [answer.raise_for_status().headers["etag"] for answer in answers]

    def upload(self, content: bytes, model: str = "mine") -> dict[str, Any]:
        """Uploads a file and has it brought to the server."""
        begun = self.begin(len(content), model)
        body = {"etags": self.send(begun, content)}
        answer = self.admin.post(f"/ollama/uploads/{begun['id']}/complete", json=body)
        assert answer.status_code == 200, answer.text
        started: dict[str, Any] = answer.json()
        return started

    def get(self, pull_id: str) -> dict[str, Any]:
        """The pull as a tab sees it."""
        found: dict[str, Any] = self.admin.get(f"/ollama/pulls/{pull_id}").json()
        return found

    def work(self, *, until_asked: str = "") -> None:
        """Has workers carry out what was dispatched; time is up once the server was asked for the path."""

        def seconds_left() -> float:
            return 1.0 if until_asked and self.server.asked(until_asked) else 900.0

        while self.dispatched:
            asyncio.run(service.work_on(self.dispatched.pop(0), seconds_left))

    def states(self) -> list[str]:
        """The states told on the socket, repeats left out."""
        told = [event["state"] for event in self.channel.events]
        return [state for number, state in enumerate(told) if number == 0 or told[number - 1] != state]


@pytest.fixture
def world(emulator: object, one: OllamaServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    one.reset()
    sections.forget()
    registry.forget()
    sections.update(ConnectionsSection, lambda _: ConnectionsSection(connections=[]))
    update_ollama(OllamaForm(OLLAMA_BASE_URLS=[one.url], OLLAMA_API_CONFIGS={}))
    for left in pulls.all_pulls():
        pulls.PullItem(pulls.PARTITION, left.id).delete()
    _, admin = person("admin")
    world = World(admin, one, Channel())
    monkeypatch.setattr(pulls, "dispatch", world.dispatched.append)
    monkeypatch.setattr(pulls, "watch", world.watched.append)
    monkeypatch.setattr(service, "UserChannel", world.channel)
    monkeypatch.setattr(service, "SAVE_SECONDS", 0.02)
    monkeypatch.setattr(service, "PAUSE_SECONDS", 0.01)
    yield world
    sections.update(ConnectionsSection, lambda _: ConnectionsSection(connections=[]))


def test_a_pull_ends_with_the_model_there(world: World) -> None:
    started = world.start()
    assert (started["state"], started["completed"]) == ("queued", 0)
    assert world.watched == [started["id"]]
    world.work()
    ended = world.get(started["id"])
    assert (ended["state"], ended["status"], ended["completed"], ended["total"]) == ("done", "success", SIZE, SIZE)
    assert world.states() == ["running", "done"]
    assert "new:latest" in [model["model"] for model in world.admin.get("/ollama/api/tags").json()["models"]]
    assert [pull["id"] for pull in world.admin.get("/ollama/pulls").json()["pulls"]] == [started["id"]]
    assert world.admin.delete(f"/ollama/pulls/{started['id']}").status_code == 200
    assert world.admin.get(f"/ollama/pulls/{started['id']}").status_code == 404


def test_when_the_functions_time_is_up_another_worker_goes_on(world: World) -> None:
    world.server.pull_pause = 0.2
    started = world.start()
    world.work(until_asked="/api/pull")
    assert world.get(started["id"])["state"] == "running"
    assert world.server.left.wait(5)
    timer.check_pull(started["id"])
    assert world.dispatched == [started["id"]]
    world.server.pull_pause = 0
    world.work()
    assert world.get(started["id"])["state"] == "done"
    assert len(world.server.asked("/api/pull")) == 2


def test_a_worker_that_died_is_replaced_and_cannot_come_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    started = world.start()
    assert pulls.lease(started["id"], "dead") is not None
    timer.check_pull(started["id"])
    assert world.dispatched == [started["id"]]  # from the start; the timer saw a sign of life
    assert pulls.lease(started["id"], "other") is None
    monkeypatch.setattr(pulls, "DEAD_SECONDS", 0)
    timer.check_pull(started["id"])
    assert world.dispatched == [started["id"]] * 2
    world.work()
    assert world.get(started["id"])["state"] == "done"
    with pytest.raises(pulls.LostLease):
        pulls.progress(started["id"], "dead", "pulling", {})


def test_what_may_pass_is_tried_again_from_where_it_stopped(world: World) -> None:
    world.server.pull_breaks = 3
    started = world.start()
    world.work()
    assert world.get(started["id"])["state"] == "done"
    assert len(world.server.asked("/api/pull")) == 4


def test_a_model_that_does_not_exist_is_told(world: World) -> None:
    started = world.start("nothing")
    world.work()
    ended = world.get(started["id"])
    assert ended["state"] == "failed"
    assert "file does not exist" in ended["error"]
    again = world.start("nothing")
    assert (again["id"], again["state"], again["error"]) == (started["id"], "queued", None)


def test_cancelling_ends_the_work_and_keeps_what_the_server_has(world: World) -> None:
    world.server.step, world.server.pull_pause = 1, 0.02
    started = world.start()
    worker = threading.Thread(target=world.work)
    worker.start()
    world.channel.wait_for(lambda: any(event["completed"] > 3 for event in world.channel.events))
    assert world.admin.delete(f"/ollama/pulls/{started['id']}").status_code == 200
    worker.join(10)
    assert world.get(started["id"])["state"] == "cancelled"
    assert world.server.left.wait(5)
    assert world.server.pulled["new:latest"] > 3


def test_cancelling_what_has_not_begun_ends_it_at_once(world: World) -> None:
    started = world.start()
    assert world.admin.delete(f"/ollama/pulls/{started['id']}").json()["state"] == "cancelled"
    world.work()
    assert world.server.asked("/api/pull") == []


def test_asking_twice_is_one_pull(world: World) -> None:
    assert world.start()["id"] == world.start()["id"]
    assert len(world.dispatched) == 1


def test_what_nobody_finishes_is_given_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    started = world.start()
    world.watched.clear()
    later = time.time() + pulls.LONGEST_SECONDS + 1
    monkeypatch.setattr(timer, "now", lambda: int(later))
    timer.check_pull(started["id"])
    assert world.get(started["id"])["state"] == "failed"
    assert world.watched == []


def test_a_server_that_is_taken_away_is_told(world: World) -> None:
    started = world.start()
    update_ollama(OllamaForm(OLLAMA_BASE_URLS=[], OLLAMA_API_CONFIGS={}))
    world.work()
    assert world.get(started["id"])["error"] == service.NO_SERVER
    assert world.admin.post("/ollama/pulls", json={"model": "x"}).status_code == 404


def test_a_push_ends_with_the_model_at_the_registry(world: World) -> None:
    world.server.models.append("me/small:latest")
    started = world.start("me/small:latest", kind="push")
    assert (started["kind"], started["state"]) == ("push", "queued")
    world.work()
    ended = world.get(started["id"])
    assert (ended["state"], ended["completed"], ended["total"]) == ("done", SIZE, SIZE)
    assert world.server.pushed == {"me/small:latest": SIZE}
    assert world.channel.events[-1]["kind"] == "push"
    assert not {"request", "before", "reached"} & set(world.channel.events[-1])


def test_a_push_goes_on_in_another_worker_and_after_a_break(world: World) -> None:
    world.server.models.append("me/small")
    world.server.pull_pause = 0.2
    started = world.start("me/small", kind="push")
    world.work(until_asked="/api/push")
    assert world.get(started["id"])["state"] == "running"
    assert world.server.left.wait(5)
    world.server.pull_pause, world.server.pull_breaks = 0, 1
    timer.check_pull(started["id"])
    world.work()
    assert world.get(started["id"])["state"] == "done"
    assert len(world.server.asked("/api/push")) == 3


def test_a_push_that_gets_no_further_is_given_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.server.models.append("me/small")
    world.server.pull_pause = 60
    started = world.start("me/small", kind="push")
    for _ in range(2):
        world.work(until_asked="/api/push")
        world.server.left.clear()
        timer.check_pull(started["id"])
    assert world.get(started["id"])["error"] == service.STUCK


def test_what_a_registry_refuses_is_told_at_once(world: World) -> None:
    world.server.models.append("foreign/small")
    started = world.start("foreign/small", kind="push")
    world.work()
    assert "not authorized to push to this namespace" in world.get(started["id"])["error"]
    assert len(world.server.asked("/api/push")) == 1
    nameless = world.admin.post("/ollama/pulls", json={"model": "small", "kind": "push"})
    assert (nameless.status_code, nameless.json()["detail"]) == (400, ollama_pull_routes.NO_NAMESPACE)


RECIPE = {"from": "small", "system": "Answer in rhymes.", "parameters": {"temperature": 0.5, "stop": ["END"]}}


def test_a_model_is_made_of_another_one(world: World) -> None:
    started = world.start("poet", kind="create", recipe=RECIPE)
    world.work()
    assert world.get(started["id"])["state"] == "done"
    assert world.server.made["poet"] == {"model": "poet", "stream": True, **RECIPE}
    assert "poet" in [model["model"] for model in world.admin.get("/ollama/api/tags").json()["models"]]


@pytest.mark.parametrize("name", ["poet", "small:latest"])
def test_a_model_that_was_made_without_a_word_of_it_is_not_made_again(world: World, name: str) -> None:
    world.server.create_breaks = 1
    started = world.start(name, kind="create", recipe=RECIPE)
    world.work()
    assert world.get(started["id"])["state"] == "done"
    assert len(world.server.asked("/api/create")) == 1


def test_a_worker_that_died_after_the_last_word_leaves_nothing_to_repeat(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = world.start("poet", kind="create", recipe=RECIPE)
    assert pulls.lease(started["id"], "dead") is not None
    pulls.progress(started["id"], "dead", "success", {})
    monkeypatch.setattr(pulls, "DEAD_SECONDS", 0)
    world.work()
    assert world.get(started["id"])["state"] == "done"
    assert world.server.asked("/api/create") == []


def test_what_cannot_be_made_is_refused_in_words(world: World) -> None:
    started = world.start("poet", kind="create", recipe={"from": "gone"})
    world.work()
    ended = world.get(started["id"])
    assert (ended["state"], "gone" in ended["error"]) == ("failed", True)
    for form in ({"kind": "create"}, {"kind": "pull", "recipe": RECIPE}, {"kind": "other"}):
        assert world.admin.post("/ollama/pulls", json={"model": "poet", **form}).status_code == 422
    too_much = {"kind": "create", "recipe": {"from": "small", "system": "x" * pulls.LONGEST_REQUEST}}
    assert world.admin.post("/ollama/pulls", json={"model": "poet", **too_much}).status_code == 413


def test_only_the_same_work_is_followed(world: World) -> None:
    world.server.models.append("me/small")
    making = world.start("me/small", kind="create", recipe=RECIPE)
    assert world.start("me/small", kind="create", recipe=RECIPE)["id"] == making["id"]
    for other in ({"kind": "create", "recipe": {"from": "other"}}, {"kind": "pull"}):
        assert world.admin.post("/ollama/pulls", json={"model": "me/small", **other}).status_code == 409
    assert world.start("me/small", kind="push")["id"] != making["id"]


CONTENT = b"GGUF" + b"weights" * 1_700_000
"""Over the 4 MB of a request; two parts."""
DIGEST = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ollama_uploads, "PART_BYTES", 6 * 1024 * 1024)


@pytest.mark.usefixtures("parts")
def test_a_file_over_the_limit_of_a_request_becomes_a_model(world: World) -> None:
    started = world.upload(CONTENT)
    assert (started["state"], started["model"]) == ("queued", "mine")
    assert world.watched == [started["id"]]
    (key,) = objects.keys("models/")
    world.work()
    ended = world.get(started["id"])
    assert (ended["state"], ended["completed"], ended["total"]) == ("done", len(CONTENT), len(CONTENT))
    assert world.server.blobs == {DIGEST: CONTENT}
    (created,) = world.server.asked("/api/create")
    assert created.body["files"] == {service.FILE_NAME: DIGEST}
    assert "mine" in world.server.models
    assert objects.size(key) is None
    assert not {"file", "digest"} & set(world.channel.events[-1])


@pytest.mark.usefixtures("parts")
def test_a_worker_that_goes_on_does_not_read_the_file_for_its_digest_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = world.upload(CONTENT)
    lease = pulls.lease(started["id"], "first")
    assert lease is not None
    pulls.note_digest(started["id"], "first", DIGEST)
    pulls.release(started["id"], "first", 0)
    monkeypatch.setattr(files, "digest_of", None)
    world.work()
    assert world.get(started["id"])["state"] == "done"


@pytest.mark.usefixtures("parts")
def test_what_the_server_has_already_is_not_sent_again(world: World) -> None:
    world.server.blobs[DIGEST] = CONTENT
    started = world.upload(CONTENT)
    world.work()
    assert world.get(started["id"])["state"] == "done"
    assert [seen.method for seen in world.server.asked(f"/api/blobs/{DIGEST}")] == ["HEAD"]


@pytest.mark.usefixtures("parts")
def test_a_server_that_is_too_slow_for_a_file_is_told_of(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: object) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(files, "send", never)
    started = world.upload(CONTENT)
    pull = pulls.lease(started["id"], "first")
    assert pull is not None
    pulls.note_digest(started["id"], "first", DIGEST)
    pulls.release(started["id"], "first", 0)
    asyncio.run(service.work_on(world.dispatched.pop(), lambda: 1.0))
    assert world.get(started["id"])["error"] == service.TOO_SLOW
    assert list(objects.keys("models/")) == []


@pytest.mark.usefixtures("parts")
def test_a_file_that_is_cancelled_before_its_turn_is_deleted(world: World) -> None:
    started = world.upload(CONTENT)
    assert world.admin.delete(f"/ollama/pulls/{started['id']}").json()["state"] == "cancelled"
    assert list(objects.keys("models/")) == []
    world.work()
    assert world.server.requests == []


def test_an_upload_that_is_not_whole_or_not_ones_own_is_refused(world: World) -> None:
    begun = world.begin(10)
    path = f"/ollama/uploads/{begun['id']}"
    assert world.admin.post(f"{path}/complete", json={"etags": ['"none"']}).status_code == 409
    assert world.admin.post(f"{path}/complete", json={"etags": []}).status_code == 422
    assert world.admin.post(f"{path}/parts", json={"first": 0, "count": 1}).status_code == 422
    assert world.admin.post("/ollama/uploads", json={"model": "x", "size": 0}).status_code == 422
    assert world.admin.post("/ollama/uploads/made-up/parts", json={"first": 1, "count": 1}).status_code == 404
    _, other = person("admin")
    assert other.post(f"{path}/parts", json={"first": 1, "count": 1}).status_code == 404
    _, user = person()
    assert user.post(f"{path}/parts", json={"first": 1, "count": 1}).status_code == 403


def test_a_model_that_is_on_its_way_is_not_uploaded_beside_it(world: World) -> None:
    world.start("mine")
    assert world.admin.post("/ollama/uploads", json={"model": "mine", "size": 10}).status_code == 409


def test_pulls_are_the_admins_business(world: World) -> None:
    _, user = person()
    assert user.post("/ollama/pulls", json={"model": "x"}).status_code == 403
    assert user.get("/ollama/pulls").status_code == 403
