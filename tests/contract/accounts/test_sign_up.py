"""Signing up: who becomes what, and what is refused."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient

from functions.accounts.handler import app
from functions.accounts.store import ImageItem
from shared.identity.instance import user_count
from tests.contract.accounts.members import DATA_URL, ORIGIN, PASSWORD, Member


def form(email: str, **changes: str) -> dict[str, str]:
    return {"email": email, "name": "Somebody", "password": PASSWORD, **changes}


def test_the_first_account_is_admin_and_the_next_waits(sign_up: Callable[..., Member]) -> None:
    assert sign_up("first@example.com").role == "admin"
    assert sign_up("second@example.com").role == "pending"


def test_twenty_sign_ups_at_once_give_one_admin_and_lose_nobody(people: None) -> None:
    def sign_up(number: int) -> tuple[int, str]:
        with TestClient(app, base_url=ORIGIN) as client:
            answer = client.post("/api/v1/auths/signup", json=form(f"person{number}@example.com"))
            return answer.status_code, answer.json().get("role", "")

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(sign_up, range(20)))
    assert [status for status, _ in answers] == [200] * 20
    assert sorted(role for _, role in answers) == ["admin"] + ["pending"] * 19
    assert user_count() == 20
    with TestClient(app, base_url=ORIGIN) as client:
        for number in range(20):
            credentials = {"email": f"person{number}@example.com", "password": PASSWORD}
            assert client.post("/api/v1/auths/signin", json=credentials).status_code == 200


def test_one_address_signed_up_many_times_at_once_belongs_to_one_person(admin: Member) -> None:
    def sign_up(spelling: str) -> int:
        with TestClient(app, base_url=ORIGIN) as client:
            return client.post("/api/v1/auths/signup", json=form(spelling)).status_code

    with ThreadPoolExecutor(6) as pool:
        spellings = ["same@example.com", "Same@example.com", "SAME@EXAMPLE.COM"] * 2
        statuses = list(pool.map(sign_up, spellings))
    assert sorted(statuses) == [200] + [400] * 5
    assert user_count() == 2


def test_the_cookie_is_for_this_site_only_and_no_script_reads_it(client: TestClient) -> None:
    answer = client.post("/api/v1/auths/signup", json=form("first@example.com"))
    cookie = answer.headers["set-cookie"].lower()
    for part in ("token=", "httponly", "samesite=lax", "secure", "path=/", "max-age="):
        assert part in cookie
    assert client.get("/api/v1/auths/").json()["email"] == "first@example.com"


def test_without_https_the_cookie_is_not_secure(people: None) -> None:
    with TestClient(app, base_url="http://127.0.0.1:8080") as client:
        answer = client.post("/api/v1/auths/signup", json=form("first@example.com"))
    assert "secure" not in answer.headers["set-cookie"].lower()


@pytest.mark.parametrize(
    "changes",
    [
        {"email": "nobody"},
        {"email": "a@b"},
        {"email": "a b@example.com"},
        {"email": "a@@example.com"},
        {"email": f"{'a' * 250}@example.com"},
        {"name": "  "},
        {"name": "n" * 101},
        {"password": "seven77"},
        {"password": "p" * 1001},
        {"profile_image_url": "javascript:alert(1)"},
        {"profile_image_url": "/api/v1/auths/signout"},
        {"profile_image_url": "http://["},
        {"profile_image_url": "http://a:b/"},
        {"profile_image_url": "data:image/svg+xml;base64,PHN2Zz48L3N2Zz4="},
        {"profile_image_url": "data:image/png;base64," + "A" * 200_000},
    ],
)
def test_what_cannot_be_an_account_is_refused_in_words(client: TestClient, changes: dict[str, str]) -> None:
    answer = client.post("/api/v1/auths/signup", json={**form("right@example.com"), **changes})
    assert answer.status_code == 400
    assert answer.json()["detail"].endswith(".")


def test_a_picture_comes_with_an_account_and_a_refused_sign_up_leaves_none(client: TestClient, admin: Member) -> None:
    def pictures() -> int:
        return sum(1 for _ in ImageItem.scan(ImageItem.sk == "IMAGE"))

    before = pictures()
    taken = client.post("/api/v1/auths/signup", json={**form(admin.email), "profile_image_url": DATA_URL})
    assert (taken.status_code, pictures()) == (400, before)
    made = client.post("/api/v1/auths/signup", json={**form("right@example.com"), "profile_image_url": DATA_URL})
    assert (made.status_code, pictures()) == (200, before + 1)


def test_closed_sign_up_lets_in_the_first_only(client: TestClient, admin: Member) -> None:
    config = admin.call("GET", "/api/v1/auths/admin/config").json()
    admin.call("POST", "/api/v1/auths/admin/config", json={**config, "ENABLE_SIGNUP": False})
    answer = client.post("/api/v1/auths/signup", json=form("late@example.com"))
    assert answer.status_code == 403
    assert "closed" in answer.json()["detail"]


def test_later_accounts_get_the_role_an_admin_chose(admin: Member, sign_up: Callable[..., Member]) -> None:
    config = admin.call("GET", "/api/v1/auths/admin/config").json()
    admin.call("POST", "/api/v1/auths/admin/config", json={**config, "DEFAULT_USER_ROLE": "user"})
    assert sign_up("next@example.com").role == "user"


def test_a_form_from_another_sites_page_is_refused(client: TestClient) -> None:
    headers = {"origin": "https://evil.example.com"}
    answer = client.post("/api/v1/auths/signup", json=form("first@example.com"), headers=headers)
    assert answer.status_code == 403
