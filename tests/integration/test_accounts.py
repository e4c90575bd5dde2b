"""Accounts on the deployed stack, through the edge, with each function's own role."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from functions.accounts.throttle import PER_ACCOUNT
from tests.support.socket_client import SocketClient
from tests.support.stack import Stack
from tests.support.waiting import until

PASSWORD = "correct horse"


@dataclass(frozen=True)
class Member:
    """Somebody with an account."""

    id: str
    email: str
    role: str
    http: httpx.Client


class Site:
    """The stack as a browser sees it."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._clients: list[httpx.Client] = []

    def browser(self, token: str | None = None) -> httpx.Client:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        client = httpx.Client(base_url=self.stack.url, headers=headers, timeout=60)
        self._clients.append(client)
        return client

    def sign_up(self, role: str | None = None) -> Member:
        """A new person, with the role given to them in the table."""
        email = f"{uuid.uuid4().hex}@example.com"
        form = {"email": email, "name": "Grace Hopper", "password": PASSWORD}
        answer = self.browser().post("/api/v1/auths/signup", json=form)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        if role:
            self.stack.client("dynamodb").update_item(
                TableName=self.table("accounts"),
                Key={"pk": {"S": f"USER#{body['id']}"}, "sk": {"S": "USER"}},
                UpdateExpression="SET #role = :role",
                ExpressionAttributeNames={"#role": "role"},
                ExpressionAttributeValues={":role": {"S": role}},
            )
        return Member(body["id"], email, role or body["role"], self.browser(body["token"]))

    def table(self, name: str) -> str:
        return self.stack.endpoints.tables[name]

    def traces(self, user_id: str) -> list[str]:
        """Every item that names the user, but counts of attempts."""
        found = []
        for table in self.stack.endpoints.tables.values():
            for page in self.stack.client("dynamodb").get_paginator("scan").paginate(TableName=table):
                found += [f"{item['pk']['S']} {item['sk']['S']}" for item in page["Items"] if user_id in str(item)]
        return found

    def close(self) -> None:
        for client in self._clients:
            client.close()


@pytest.fixture
def site(cirrus: Stack) -> Iterator[Site]:
    site = Site(cirrus)
    yield site
    site.close()


def update(admin: Member, member: Member, role: str, **changes: Any) -> httpx.Response:
    form = {"name": "Grace Hopper", "email": member.email, "profile_image_url": "/user.png", "role": role, **changes}
    return admin.http.post(f"/api/v1/users/{member.id}/update", json=form)


def test_a_browser_signs_up_and_stays_signed_in_by_its_cookie(site: Site) -> None:
    browser = site.browser()
    form = {"email": f"{uuid.uuid4().hex}@example.com", "name": "Ada", "password": PASSWORD}
    answer = browser.post("/api/v1/auths/signup", json=form, headers={"origin": site.stack.url})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie
    assert browser.get("/api/v1/auths/").json()["email"] == form["email"]
    evil = browser.post("/api/v1/auths/signout/all", headers={"origin": "https://evil.example.com"})
    assert evil.status_code == 403
    browser.get("/api/v1/auths/signout")
    assert browser.get("/api/v1/auths/").status_code == 401


def test_many_sign_ups_at_once_lose_nobody_and_make_no_second_admin(site: Site) -> None:
    with ThreadPoolExecutor(20) as pool:
        members = list(pool.map(lambda _: site.sign_up(), range(20)))
    assert len({member.id for member in members}) == 20
    assert sum(member.role == "admin" for member in members) <= 1
    assert all(member.http.get("/api/v1/auths/").status_code == 200 for member in members)


def test_a_new_role_ends_session_and_socket_within_one_request(site: Site) -> None:
    admin, member = site.sign_up("admin"), site.sign_up("user")
    with SocketClient(site.stack.url, token=member.http.headers["authorization"].removeprefix("Bearer ")) as socket:
        socket.connected()
        assert update(admin, member, "pending").status_code == 200
        assert member.http.get("/api/v1/auths/").status_code == 401
        socket.wait_for("disconnect")


def test_somebody_removed_leaves_nothing(site: Site) -> None:
    admin, member = site.sign_up("admin"), site.sign_up("user")
    chat = {"title": "T", "history": {"currentId": "m", "messages": {"m": {"id": "m", "role": "user", "content": "x"}}}}
    assert member.http.post("/api/v1/chats/new", json={"chat": chat}).status_code == 200
    assert member.http.post("/api/v1/files/", files={"file": ("a.txt", b"a", "text/plain")}).status_code == 200
    key = member.http.post("/api/v1/auths/api_key").json()["api_key"]
    assert site.browser(key).get("/api/v1/chats/").status_code == 200
    assert admin.http.delete(f"/api/v1/users/{member.id}").json() is True
    assert site.browser(key).get("/api/v1/chats/").status_code == 401
    assert member.http.get("/api/v1/chats/").status_code == 401
    # Files go in the background, with what was made of them.
    until(lambda: site.traces(member.id) == [], 60, "nothing is left")


def test_guessing_a_password_is_held_up(site: Site) -> None:
    member, browser = site.sign_up(), site.browser()
    wrong = {"email": member.email, "password": "wrong"}
    # A window may end in between, so more is tried than two windows allow.
    tries = range(2 * PER_ACCOUNT.attempts + 1)
    statuses = [browser.post("/api/v1/auths/signin", json=wrong).status_code for _ in tries]
    assert set(statuses) == {400, 429}
    assert statuses.count(400) <= 2 * PER_ACCOUNT.attempts


def test_an_admins_pages_work_with_the_functions_own_roles(site: Site) -> None:
    admin, member = site.sign_up("admin"), site.sign_up("user")
    users = admin.http.get("/api/v1/users/", params={"query": member.email}).json()
    assert [user["id"] for user in users["users"]] == [member.id]
    config = admin.http.get("/api/v1/auths/admin/config").json()
    assert admin.http.post("/api/v1/auths/admin/config", json=config).json() == config
    permissions = admin.http.get("/api/v1/users/default/permissions").json()
    assert admin.http.post("/api/v1/users/default/permissions", json=permissions).json() == permissions
    assert admin.http.get("/api/v1/configs/export").json()["auth"]["jwt_expires_in"]
    assert admin.http.get("/api/config").json()["user_count"] >= 2
    assert member.http.get("/api/usage").json().keys() == {"model_ids", "user_ids"}
    assert member.http.get(f"/api/v1/users/{admin.id}/profile/image").headers["content-type"].startswith("image/svg")


def test_what_anybody_may_read_needs_nobody(site: Site) -> None:
    browser = site.browser()
    assert browser.get("/health/db").json() == {"status": True}
    assert "permissions" not in browser.get("/api/config").json()
    assert browser.get("/manifest.json").json()["name"] == "Cirrus"
