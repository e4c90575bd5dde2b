"""A way through Open WebUI 0.6.34's web app, call by call: the bodies it sends, the fields and events it reads."""

import base64
import time
import uuid
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.integration.answers_site import Site, connected
from tests.support.model_server import Behaviour
from tests.support.socket_client import SocketClient
from tests.support.stack import Stack
from tests.support.waiting import until

pytestmark = pytest.mark.timeout(180)

Json = dict[str, Any]

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PASSWORD = "correct horse battery"
LONG = [f"This is sentence {number}. " for number in range(120)]


class App:
    """The stock app in one tab: it holds a whole chat, and puts deltas and ends into it without looking at offsets."""

    def __init__(self, url: str, model: Json, session: Json) -> None:
        self.token, self.model = session["token"], model
        self.http = httpx2.Client(base_url=url, timeout=60, headers={"authorization": f"Bearer {self.token}"})
        self.socket = SocketClient(url, token=self.token)
        self.chat_id, self.title = "", "New Chat"
        self.history: Json = {"messages": {}, "currentId": None}
        self.tasks: list[str] | None = None
        self.seen, self.left = 0, False

    def __enter__(self) -> "App":
        self.socket.__enter__()
        self.session_id = self.socket.connected()
        self.socket.tell("emit", event="user-join", values=[{"auth": {"token": self.token}}])
        return self

    def __exit__(self, *error: object) -> None:
        self.leave()
        self.http.close()

    def leave(self) -> None:
        """Closes the page, whose socket goes with it."""
        if not self.left:
            self.left = True
            self.socket.__exit__(None, None, None)

    def ok(self, method: str, path: str, body: Json | None = None) -> Any:
        answer = self.http.request(method, f"/api{path}", json=body)
        assert answer.status_code == 200, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    @property
    def current(self) -> Json:
        found = self.history["messages"][self.history["currentId"]]
        assert isinstance(found, dict)
        return found

    def branch(self) -> list[Json]:
        path, message_id = [], self.history["currentId"]
        while message_id:
            path.append(self.history["messages"][message_id])
            message_id = path[-1]["parentId"]
        return path[::-1]

    def add(self, role: str, content: str, parent: str | None, **more: Any) -> str:
        message_id = str(uuid.uuid4())
        self.history["messages"][message_id] = {
            "parentId": parent,
            "id": message_id,
            "childrenIds": [],
            "role": role,
            "content": content,
            "timestamp": int(time.time()),
            **more,
        }
        if parent:
            self.history["messages"][parent]["childrenIds"].append(message_id)
        self.history["currentId"] = message_id
        return message_id

    def ask(self, text: str) -> None:
        parent = self.history["currentId"]
        self.answer(self.add("user", text, parent, models=[self.model["id"]]))

    def answer(self, question: str) -> None:
        """A new answer below a question: also what its Regenerate does."""
        named = {"model": self.model["id"], "modelName": self.model["name"], "modelIdx": 0}
        message_id = self.add("assistant", "", question, **named)
        if not self.chat_id:
            chat = {"id": "", "title": "New Chat", "models": [self.model["id"]], "params": {}, "tags": []}
            chat |= {"history": self.history, "messages": self.branch(), "timestamp": int(time.time() * 1000)}
            self.chat_id = self.ok("POST", "/v1/chats/new", {"chat": chat, "folder_id": None})["id"]
        self.save()
        self.socket.tell(
            "emit",
            event="usage",
            values=[{"action": "chat", "model": self.model["id"], "chat_id": self.chat_id}],
        )
        messages = [{"role": each["role"], "content": each["content"]} for each in self.branch() if each["content"]]
        first = len(messages) == 1
        started = self.ok(
            "POST",
            "/chat/completions",
            {
                "stream": True,
                "model": self.model["id"],
                "messages": messages,
                "params": {},
                "tool_servers": [],
                "features": {"image_generation": False, "code_interpreter": False, "web_search": False},
                "variables": {"{{USER_NAME}}": "Ada", "{{USER_LOCATION}}": "Unknown"},
                "model_item": self.model,
                "session_id": self.session_id,
                "chat_id": self.chat_id,
                "id": message_id,
                "background_tasks": {
                    **({"title_generation": True, "tags_generation": True} if first else {}),
                    "follow_up_generation": True,
                },
            },
        )
        self.tasks = [started["task_id"]]

    def save(self) -> None:
        chat = {"models": [self.model["id"]], "history": self.history, "messages": self.branch()}
        answer = self.ok("POST", f"/v1/chats/{self.chat_id}", {"chat": {**chat, "params": {}, "files": []}})
        assert answer["id"] == self.chat_id

    def look(self) -> None:
        """Takes in what came over the socket since it looked last."""
        events = self.socket.events()[self.seen :]
        self.seen += len(events)
        for event in events:
            if event["chat_id"] != self.chat_id or event["message_id"] not in self.history["messages"]:
                continue
            self._take(self.history["messages"][event["message_id"]], event["data"]["type"], event["data"]["data"])

    def _take(self, message: Json, kind: str, data: Any) -> None:
        if kind == "chat:title":
            self.title = data
        elif kind == "chat:tasks:cancel":
            message["done"], self.tasks = True, None
        elif kind == "chat:completion":
            for choice in data.get("choices") or []:
                message["content"] += choice["delta"].get("content", "")
            message["content"] = data.get("content") or message["content"]
            if data.get("usage"):
                message["usage"] = data["usage"]
            if data.get("done"):
                self._completed(message, data)

    def _completed(self, message: Json, data: Json) -> None:
        assert data["title"], "its notification shows the chat's title"
        message["done"], self.tasks = True, None
        keys = ("id", "role", "content", "timestamp", "usage")
        shown = [{key: each[key] for key in keys if key in each} for each in self.branch()]
        form = {"model": self.model["id"], "messages": shown, "model_item": self.model, "chat_id": self.chat_id}
        done = self.ok("POST", "/chat/completed", {**form, "session_id": self.session_id, "id": message["id"]})
        for each in done["messages"]:
            assert each["content"] == self.history["messages"][each["id"]]["content"]
        self.save()

    def wait(self, count: int = 1) -> None:
        """Until so many pieces of the answer are there."""

        def has_pieces() -> bool:
            self.look()
            return bool(len(self.current["content"].split()) >= count)

        until(has_pieces, 30, f"{count} words of the answer are on the screen")

    def wait_for_end(self) -> None:
        def has_ended() -> bool:
            self.look()
            return bool(self.current.get("done"))

        until(has_ended, 40, "the answer has ended")

    def reload(self) -> "App":
        """The same tab after a reload of its page: a socket of its own, and the chat as the server has it."""
        fresh = App(str(self.http.base_url), self.model, {"token": self.token})
        fresh.chat_id = self.chat_id
        return fresh

    def open_chat(self) -> None:
        found = self.ok("GET", f"/v1/chats/{self.chat_id}")
        assert self.ok("GET", f"/v1/chats/{self.chat_id}/tags") == []
        assert found["chat"]["models"] == [self.model["id"]]
        self.history, self.title = found["chat"]["history"], found["chat"]["title"]
        for message in self.history["messages"].values():
            assert isinstance(message["childrenIds"], list)
        self.tasks = self.ok("GET", f"/tasks/chat/{self.chat_id}")["task_ids"]


@pytest.fixture(scope="module")
def site(cirrus: Stack) -> Iterator[Site]:
    with connected(cirrus) as running:
        yield running


@pytest.fixture
def session(cirrus: Stack, site: Site) -> Json:
    """What the sign-up form got for somebody whom an admin has let in since."""
    image = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    form = {"name": "Ada Lovelace", "email": f"{uuid.uuid4().hex}@example.com", "password": PASSWORD}
    with httpx2.Client(base_url=site.url, timeout=60) as http:
        answer = http.post("/api/v1/auths/signup", json={**form, "profile_image_url": image})
        assert answer.status_code == 200, answer.text
        signed_up: Json = answer.json()
        waiting = {"authorization": f"Bearer {signed_up['token']}"}
        if signed_up["role"] == "pending":
            assert http.get("/api/v1/auths/", headers=waiting).json()["role"] == "pending"
            assert http.get("/api/v1/auths/admin/details", headers=waiting).status_code == 200
            assert http.get("/api/config", headers=waiting).json()["ui"] is not None
    cirrus.client("dynamodb").update_item(
        TableName=cirrus.endpoints.tables["accounts"],
        Key={"pk": {"S": f"USER#{signed_up['id']}"}, "sk": {"S": "USER"}},
        UpdateExpression="SET #role = :role",
        ExpressionAttributeNames={"#role": "role"},
        ExpressionAttributeValues={":role": {"S": "user"}},
    )
    return signed_up


@pytest.fixture
def app(site: Site, session: Json) -> Iterator[App]:
    site.server.reset()
    with httpx2.Client(base_url=site.url, timeout=60) as http:
        listed = http.get("/api/models", headers={"authorization": f"Bearer {session['token']}"}).json()["data"]
    model = next(each for each in listed if each["id"] == site.model)
    with App(site.url, model, session) as app:
        yield app


def test_it_starts_signs_in_and_out(app: App, session: Json) -> None:
    with httpx2.Client(base_url=app.http.base_url, timeout=60) as http:
        config = http.get("/api/config").json()
        assert config["status"] is True
        assert config["features"]["enable_websocket"] is True, "it would poll"
        assert config["features"]["auth"] is True
        assert config["oauth"]["providers"] == {}
        form = {"email": session["email"], "password": PASSWORD}
        again = http.post("/api/v1/auths/signin", json=form).json()
        assert (again["id"], again["role"]) == (session["id"], "user")
        assert again["permissions"]["chat"]["delete"] is True
        bearer = {"authorization": f"Bearer {again['token']}"}
        who = http.get("/api/v1/auths/", headers=bearer).json()
        assert who["expires_at"] is None or who["expires_at"] > time.time()
        config = http.get("/api/config", headers=bearer).json()
        assert {"default_prompt_suggestions", "audio", "file", "permissions", "code"} <= set(config)
        # What its frame and sidebar ask for before they show anything.
        lists = ["configs/banners", "folders/", "chats/all/tags", "chats/pinned", "chats/?page=1"]
        lists += ["tools/", "functions/", "channels/"]
        for path in lists:
            answer = http.get(f"/api/v1/{path}", headers=bearer)
            assert (answer.status_code, answer.json()) == (200, []), path
        assert http.get("/api/v1/users/user/settings", headers=bearer).status_code == 200
        assert http.get("/api/v1/auths/signout").json() == {"status": True}
        assert http.get("/api/v1/auths/", headers=bearer).status_code == 401


def test_it_asks_watches_the_answer_and_keeps_what_it_saw(site: Site, app: App) -> None:
    site.server.default = Behaviour(tokens=["Hello", ", ", "world", "!"])
    app.ask("Hi")
    app.wait_for_end()
    assert app.current["content"] == "Hello, world!"
    assert app.current["usage"]["total_tokens"] > 0
    with app.reload() as later:
        later.open_chat()
        assert later.current["content"] == "Hello, world!"
        assert later.current["done"] is True
        assert later.tasks == []
        page = later.ok("GET", "/v1/chats/?page=1")
        assert [(each["id"], each["title"]) for each in page] == [(app.chat_id, later.title)]
        assert page[0]["updated_at"] >= page[0]["created_at"]


def test_it_stops_in_mid_answer_and_regenerates(site: Site, app: App) -> None:
    site.server.default = Behaviour(tokens=LONG, tokens_per_second=4)
    app.ask("Tell me a lot")
    app.wait(20)
    question, stopped = app.current["parentId"], app.current["id"]
    for task in app.tasks or []:
        assert app.ok("POST", f"/tasks/stop/{task}")["status"] is True
    app.wait_for_end()
    site.server.default = Behaviour(tokens=["Short", "."])
    app.answer(question)
    app.wait_for_end()
    assert app.current["content"] == "Short."
    with app.reload() as later:
        later.open_chat()
        assert later.history["messages"][question]["childrenIds"] == [stopped, app.current["id"]]
        part = later.history["messages"][stopped]["content"]
        assert part, "the text from before the stop is kept"
        assert "".join(LONG).startswith(part)


def test_a_reload_in_mid_answer_finds_the_text_and_ends_with_all_of_it(site: Site, app: App) -> None:
    site.server.default = Behaviour(tokens=LONG, tokens_per_second=4)
    app.ask("Tell me a lot")
    app.wait(20)
    app.leave()
    with app.reload() as later:

        def has_text() -> bool:
            later.open_chat()
            return bool(later.current["content"])

        # The log follows the screen within moments, not at once.
        until(has_text, 60, "the reloaded page shows what there is of the answer")
        assert later.tasks == app.tasks
        site.server.hurry()
        later.wait_for_end()
        assert later.current["content"] == "".join(LONG)


def test_a_copy_with_a_hole_that_it_saves_after_a_very_long_answer_makes_no_hole_in_ours(site: Site, app: App) -> None:
    words = [f"This is sentence {number} of a long text. " for number in range(1200)]
    site.server.default = Behaviour(tokens=words, tokens_per_second=20)
    app.ask("Tell me a lot")
    app.wait(20)
    app.leave()
    with app.reload() as later:
        later.open_chat()
        at = later.current["content"]
        until(lambda: len(later.socket.events()) > 3, 60, "the answer goes on")
        site.server.hurry()
        later.seen = 2  # lost between the text and the socket
        later.wait_for_end()
        assert len(at) < len(later.current["content"]) < len("".join(words))
    with app.reload() as again:
        again.open_chat()
        assert again.current["content"] == "".join(words)


def test_it_renames_and_deletes_a_chat(site: Site, app: App) -> None:
    site.server.default = Behaviour(tokens=["Hello"])
    app.ask("Hi")
    app.wait_for_end()
    path = f"/v1/chats/{app.chat_id}"
    assert app.ok("POST", path, {"chat": {"title": "Mine"}})["title"] == "Mine"
    assert app.ok("GET", path)["chat"]["history"]["currentId"] == app.history["currentId"]
    assert [each["title"] for each in app.ok("GET", "/v1/chats/?page=1")] == ["Mine"]
    assert app.ok("GET", f"{path}/pinned") is False
    assert app.ok("DELETE", path) is True
    assert app.ok("GET", "/v1/chats/?page=1") == []
    assert app.http.get(f"/api{path}").status_code == 404
