"""Signing in and out, and how sessions end."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from functions.accounts import throttle
from shared.identity.models import SessionItem
from tests.contract.accounts.members import ORIGIN, PASSWORD, Member, set_role

SIGN_IN, SESSION = "/api/v1/auths/signin", "/api/v1/auths/"


def credentials(member: Member, password: str = PASSWORD) -> dict[str, str]:
    return {"email": member.email, "password": password}


def another_session(client: TestClient, member: Member) -> Member:
    answer = client.post(SIGN_IN, json=credentials(member))
    client.cookies.clear()
    return Member(member.id, member.email, answer.json()["token"], member.role)


def test_signing_in_ignores_the_case_of_the_address(client: TestClient, member: Member) -> None:
    answer = client.post(SIGN_IN, json={"email": " MEMBER@Example.com ", "password": PASSWORD})
    assert answer.status_code == 200
    body = answer.json()
    assert (body["id"], body["token_type"], body["role"]) == (member.id, "Bearer", "user")
    assert body["permissions"]["chat"]["file_upload"] is True


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client: TestClient, member: Member) -> None:
    wrong = client.post(SIGN_IN, json=credentials(member, "wrong"))
    unknown = client.post(SIGN_IN, json={"email": "nobody@example.com", "password": PASSWORD})
    assert (wrong.status_code, wrong.json()) == (unknown.status_code, unknown.json())
    assert wrong.status_code == 400


def test_the_session_check_tells_who_and_refreshes_the_cookie(client: TestClient, member: Member) -> None:
    client.post(SIGN_IN, json=credentials(member))
    answer = client.get(SESSION)
    assert answer.json()["id"] == member.id
    assert answer.json()["expires_at"] > 0
    assert "token=" in answer.headers["set-cookie"]


def test_signing_out_ends_the_session_within_one_request(client: TestClient, member: Member) -> None:
    other = another_session(client, member)
    assert member.call("GET", "/api/v1/auths/signout").json() == {"status": True}
    assert member.call("GET", SESSION).status_code == 401
    assert other.call("GET", SESSION).status_code == 200


def test_signing_out_clears_the_cookie_and_needs_nobody(client: TestClient) -> None:
    answer = client.get("/api/v1/auths/signout")
    assert answer.status_code == 200
    assert 'token=""' in answer.headers["set-cookie"]


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"sec-fetch-dest": "image"}])
def test_nobody_is_signed_out_by_an_image_or_another_site(
    client: TestClient, member: Member, headers: dict[str, str]
) -> None:
    client.post(SIGN_IN, json=credentials(member))
    assert client.get("/api/v1/auths/signout", headers=headers).status_code == 403
    assert client.get(SESSION).status_code == 200


def test_signing_out_everywhere_ends_all_sessions(client: TestClient, member: Member) -> None:
    other = another_session(client, member)
    assert member.call("POST", "/api/v1/auths/signout/all").status_code == 200
    assert [session.call("GET", SESSION).status_code for session in (member, other)] == [401, 401]
    assert list(SessionItem.query(f"USER#{member.id}", SessionItem.sk.startswith("SESSION#"))) == []
    assert client.post(SIGN_IN, json=credentials(member)).status_code == 200


def test_a_new_password_ends_the_other_sessions(client: TestClient, member: Member) -> None:
    other = another_session(client, member)
    change = {"password": PASSWORD, "new_password": "better horse"}
    assert member.call("POST", "/api/v1/auths/update/password", json=change).json() is True
    assert member.call("GET", SESSION).status_code == 200
    assert other.call("GET", SESSION).status_code == 401
    assert client.post(SIGN_IN, json=credentials(member)).status_code == 400
    assert client.post(SIGN_IN, json=credentials(member, "better horse")).status_code == 200


def test_a_new_password_needs_the_present_one(member: Member) -> None:
    change = {"password": "guess", "new_password": "better horse"}
    answer = member.call("POST", "/api/v1/auths/update/password", json=change)
    assert answer.status_code == 400
    assert member.call("GET", SESSION).status_code == 200


def test_letting_somebody_in_keeps_their_session(admin: Member, sign_up: Callable[..., Member]) -> None:
    waiting = sign_up("waiting@example.com")
    assert waiting.call("GET", "/api/v1/users/permissions").status_code == 403
    set_role(admin, waiting, "user")
    assert waiting.call("GET", "/api/v1/users/permissions").status_code == 200


def test_making_somebody_who_waits_an_admin_ends_their_session(admin: Member, sign_up: Callable[..., Member]) -> None:
    waiting = sign_up("waiting@example.com")
    set_role(admin, waiting, "admin")
    assert waiting.call("GET", SESSION).status_code == 401


@pytest.mark.parametrize("role", ["pending", "admin"])
def test_any_other_role_change_ends_sessions(admin: Member, member: Member, role: str) -> None:
    set_role(admin, member, role)
    assert member.call("GET", SESSION).status_code == 401


def test_a_password_set_by_an_admin_ends_sessions(client: TestClient, admin: Member, member: Member) -> None:
    set_role(admin, member, "user", password="set by admin")
    assert member.call("GET", SESSION).status_code == 401
    assert client.post(SIGN_IN, json=credentials(member, "set by admin")).status_code == 200


def test_too_many_wrong_passwords_for_an_account_are_held_up(
    client: TestClient, member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "now", lambda: 1_800_000_010)
    for _ in range(throttle.PER_ACCOUNT.attempts):
        assert client.post(SIGN_IN, json=credentials(member, "wrong")).status_code == 400
    answer = client.post(SIGN_IN, json=credentials(member))
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "290"
    monkeypatch.setattr(throttle, "now", lambda: 1_800_000_300)
    assert client.post(SIGN_IN, json=credentials(member)).status_code == 200


def test_one_address_guessing_at_many_accounts_is_held_up(
    client: TestClient, member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "now", lambda: 1_800_000_010)
    throttle.AttemptsItem(
        throttle.PER_ADDRESS._item("testclient", 1_800_000_010).pk,
        str(1_800_000_010 // throttle.WINDOW_SECONDS),
        attempts=throttle.PER_ADDRESS.attempts,
    ).save()
    assert client.post(SIGN_IN, json=credentials(member)).status_code == 429


def test_good_sign_ins_use_up_no_attempts(client: TestClient, member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "now", lambda: 1_800_000_010)
    for _ in range(throttle.PER_ACCOUNT.attempts + 2):
        assert client.post(SIGN_IN, json=credentials(member)).status_code == 200


def test_a_cookie_serves_this_site_only(client: TestClient, member: Member) -> None:
    client.post(SIGN_IN, json=credentials(member))
    path, info = "/api/v1/users/user/info/update", {"seen": True}
    assert client.post(path, json=info, headers={"origin": "https://evil.example.com"}).status_code == 403
    assert client.post(path, json=info, headers={"origin": "null"}).status_code == 403
    assert client.post(path, json=info, headers={"origin": ORIGIN}).status_code == 200
    assert client.post(path, json=info).status_code == 200


def test_a_tampered_token_is_refused(member: Member) -> None:
    member.token = member.token[:-4] + "AAAA"
    assert member.call("GET", SESSION).status_code == 401


def test_sessions_last_as_long_as_an_admin_says(client: TestClient, admin: Member) -> None:
    config = admin.call("GET", "/api/v1/auths/admin/config").json()
    admin.call("POST", "/api/v1/auths/admin/config", json={**config, "JWT_EXPIRES_IN": "-1"})
    answer = client.post(SIGN_IN, json=credentials(admin))
    assert answer.json()["expires_at"] is None
    assert "max-age" not in answer.headers["set-cookie"].lower()
    assert client.get(SESSION).status_code == 200
