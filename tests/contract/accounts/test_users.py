"""People: lists, profiles, and what an admin changes."""

import base64
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient

from functions.accounts import activity, directory
from functions.accounts.handler import app
from functions.accounts.store import list_keys
from shared.identity.models import UserItem
from tests.contract.accounts.members import DATA_URL, PASSWORD, PNG, Member, set_role

OTHER_PNG = PNG + b"other"
OTHER_DATA_URL = f"data:image/png;base64,{base64.b64encode(OTHER_PNG).decode()}"


def listed(admin: Member, **query: str | int) -> dict[str, object]:
    answer = admin.call("GET", "/api/v1/users/", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def names(page: dict[str, object]) -> list[str]:
    users = page["users"]
    assert isinstance(users, list)
    return [user["name"] for user in users]


@pytest.fixture
def crowd(admin: Member) -> None:
    """35 people beside the admin, who came one after the other."""
    with UserItem.batch_write() as batch:
        for number in range(35):
            user = UserItem(
                *UserItem.key(f"u{number}"),
                user_id=f"u{number}",
                email=f"p{number:02}@Example.com".lower(),
                name=f"Person {number:02}",
                role="user" if number % 2 else "pending",
                created_at=1000 + number,
                updated_at=5000 - number,
                last_active_at=3000 + number % 7,
            )
            list_keys(user)
            batch.save(user)


@pytest.mark.usefixtures("crowd")
def test_pages_hold_thirty_newest_first(admin: Member) -> None:
    first, second = listed(admin), listed(admin, page=2)
    assert names(first) == ["Root Admin"] + [f"Person {n:02}" for n in range(34, 5, -1)]
    assert names(second) == [f"Person {n:02}" for n in range(5, -1, -1)]
    assert names(listed(admin, page=3)) == []


@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize(
    ("order_by", "direction", "first"),
    [
        ("name", "asc", "Person 00"),
        ("name", "desc", "Root Admin"),
        ("email", "asc", "Root Admin"),
        ("created_at", "asc", "Person 00"),
        ("updated_at", "asc", "Person 34"),
        ("role", "asc", "Root Admin"),
    ],
)
def test_lists_are_ordered_as_asked(admin: Member, order_by: str, direction: str, first: str) -> None:
    assert names(listed(admin, order_by=order_by, direction=direction))[0] == first


@pytest.mark.usefixtures("crowd")
def test_a_search_finds_parts_of_names_and_addresses(admin: Member, member: Member) -> None:
    page = listed(admin, query="SON 1")
    assert page["total"] == 10
    assert listed(admin, query="p07@EX")["total"] == 1
    found = member.call("GET", "/api/v1/users/search", params={"query": "person 07"}).json()
    assert found == {"users": [{"id": "u7", "name": "Person 07"}], "total": 1}


@pytest.mark.usefixtures("crowd")
def test_all_users_come_in_short(admin: Member) -> None:
    body = admin.call("GET", "/api/v1/users/all").json()
    assert body["total"] == 36
    assert set(body["users"][0]) == {"id", "name", "email", "role"}


def test_the_total_counts_accounts(admin: Member, member: Member) -> None:
    assert listed(admin)["total"] == 2
    admin.call("DELETE", f"/api/v1/users/{member.id}")
    assert listed(admin)["total"] == 1


def test_a_profile_is_changed_whole(member: Member) -> None:
    form = {"name": " Grace ", "profile_image_url": "/user.png", "bio": "Compilers", "date_of_birth": "1906-12-09"}
    assert member.call("POST", "/api/v1/auths/update/profile", json=form).json()["name"] == "Grace"
    info = member.call("GET", "/api/v1/auths/").json()
    assert (info["bio"], info["gender"], info["date_of_birth"]) == ("Compilers", None, "1906-12-09")


def test_a_stored_image_is_served_as_its_bytes(admin: Member, member: Member) -> None:
    form = {"name": "Grace", "profile_image_url": DATA_URL}
    url = member.call("POST", "/api/v1/auths/update/profile", json=form).json()["profile_image_url"]
    assert url.startswith(f"/api/v1/users/{member.id}/profile/image?v=")
    answer = admin.call("GET", url)
    assert (answer.content, answer.headers["content-type"]) == (PNG, "image/png")
    assert answer.headers["x-content-type-options"] == "nosniff"
    kept = member.call("POST", "/api/v1/auths/update/profile", json={"name": "G", "profile_image_url": url})
    assert kept.json()["profile_image_url"] == url


def test_nobody_takes_somebody_elses_image(admin: Member, member: Member) -> None:
    form = {"name": "Grace", "profile_image_url": f"/api/v1/users/{admin.id}/profile/image"}
    assert member.call("POST", "/api/v1/auths/update/profile", json=form).status_code == 400


def test_without_an_image_initials_are_shown(member: Member) -> None:
    answer = member.call("GET", f"/api/v1/users/{member.id}/profile/image")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert ">GH</text>" in answer.text


def test_an_image_elsewhere_is_a_redirect(member: Member) -> None:
    form = {"name": "Grace", "profile_image_url": "https://example.com/a.png"}
    member.call("POST", "/api/v1/auths/update/profile", json=form)
    answer = member.call("GET", f"/api/v1/users/{member.id}/profile/image", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (302, "https://example.com/a.png")


def test_settings_are_replaced_by_top_level_key(member: Member) -> None:
    path = "/api/v1/users/user/settings"
    assert member.call("GET", path).json() is None
    member.call("POST", f"{path}/update", json={"ui": {"theme": "dark", "toolServers": [1]}, "other": 1})
    member.call("POST", f"{path}/update", json={"ui": {"theme": "light"}})
    assert member.call("GET", path).json() == {"ui": {"theme": "light"}, "other": 1}


def test_settings_have_a_limit(member: Member) -> None:
    answer = member.call("POST", "/api/v1/users/user/settings/update", json={"ui": {"x": "x" * 100_000}})
    assert answer.status_code == 413


def test_information_is_merged(member: Member) -> None:
    path = "/api/v1/users/user/info"
    assert member.call("GET", path).json() is None
    member.call("POST", f"{path}/update", json={"location": "here"})
    assert member.call("POST", f"{path}/update", json={"a": 1}).json() == {"location": "here", "a": 1}


def test_changes_at_the_same_moment_are_all_kept(member: Member) -> None:
    def note(number: int) -> int:
        return member.call("POST", "/api/v1/users/user/info/update", json={f"k{number}": number}).status_code

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(note, range(6))) == [200] * 6
    assert member.call("GET", "/api/v1/users/user/info").json() == {f"k{n}": n for n in range(6)}


def test_a_new_address_moves_the_claim(client: TestClient, admin: Member, member: Member) -> None:
    set_role(admin, member, "user", email="Other@Example.com")
    old = client.post("/api/v1/auths/signin", json={"email": "member@example.com", "password": PASSWORD})
    new = client.post("/api/v1/auths/signin", json={"email": "other@example.com", "password": PASSWORD})
    assert (old.status_code, new.status_code) == (400, 200)
    again = {"email": "member@example.com", "name": "Next", "password": PASSWORD}
    assert client.post("/api/v1/auths/signup", json=again).status_code == 200


def test_a_taken_address_changes_nothing(admin: Member, member: Member) -> None:
    form = {"role": "user", "name": "New Name", "email": "ADMIN@example.com", "profile_image_url": "/user.png"}
    answer = admin.call("POST", f"/api/v1/users/{member.id}/update", json=form)
    assert answer.status_code == 400
    assert admin.call("GET", f"/api/v1/users/{member.id}").json()["name"] != "New Name"


def test_a_refused_change_leaves_the_picture_as_it_was(admin: Member, member: Member) -> None:
    form = {"role": "user", "name": "Grace", "email": member.email, "profile_image_url": DATA_URL}
    assert admin.call("POST", f"/api/v1/users/{member.id}/update", json=form).status_code == 200
    refused = {**form, "email": admin.email, "profile_image_url": OTHER_DATA_URL}
    assert admin.call("POST", f"/api/v1/users/{member.id}/update", json=refused).status_code == 400
    assert member.call("GET", f"/api/v1/users/{member.id}/profile/image").content == PNG
    again = {**form, "profile_image_url": OTHER_DATA_URL}
    assert admin.call("POST", f"/api/v1/users/{member.id}/update", json=again).status_code == 200
    assert member.call("GET", f"/api/v1/users/{member.id}/profile/image").content == OTHER_PNG


def test_two_people_wanting_one_address_at_once(admin: Member, sign_up: Callable[..., Member]) -> None:
    someone, other = sign_up("one@example.com"), sign_up("two@example.com")

    def move(person: Member) -> int:
        form = {"role": "user", "name": "N", "email": "wanted@example.com", "profile_image_url": "/user.png"}
        return admin.call("POST", f"/api/v1/users/{person.id}/update", json=form).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(move, (someone, other))) == [200, 400]


def test_the_first_admin_stays(admin: Member, member: Member) -> None:
    set_role(admin, member, "admin")
    with TestClient(app) as client:
        credentials = {"email": member.email, "password": PASSWORD}
        member.token = client.post("/api/v1/auths/signin", json=credentials).json()["token"]
    form = {"role": "user", "name": "N", "email": admin.email, "profile_image_url": "/user.png"}
    assert member.call("POST", f"/api/v1/users/{admin.id}/update", json=form).status_code == 403
    assert member.call("DELETE", f"/api/v1/users/{admin.id}").status_code == 403
    assert admin.call("POST", f"/api/v1/users/{admin.id}/update", json=form).status_code == 403
    assert member.call("DELETE", f"/api/v1/users/{member.id}").status_code == 403


def test_unknown_roles_and_people_are_refused(admin: Member, member: Member) -> None:
    form = {"role": "owner", "name": "N", "email": member.email, "profile_image_url": "/user.png"}
    assert admin.call("POST", f"/api/v1/users/{member.id}/update", json=form).status_code == 400
    assert admin.call("POST", "/api/v1/users/nobody/update", json={**form, "role": "user"}).status_code == 400
    assert admin.call("GET", "/api/v1/users/nobody").status_code == 400
    assert admin.call("DELETE", "/api/v1/users/nobody").status_code == 400


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("DELETE", ""), ("GET", "/groups")])
def test_an_id_longer_than_any_is_nobodys(admin: Member, method: str, path: str) -> None:
    assert admin.call(method, f"/api/v1/users/{'u' * 3000}{path}").status_code == 400


def test_an_admin_adds_somebody_with_a_session(admin: Member, sign_up: Callable[..., Member]) -> None:
    form = {"name": "New", "email": "new@example.com", "password": "old-secret", "role": "user"}
    body = admin.call("POST", "/api/v1/auths/add", json=form).json()
    someone = Member(body["id"], body["email"], body["token"], body["role"])
    assert someone.call("GET", "/api/v1/users/permissions").status_code == 200


def test_api_keys_are_whole_once_and_masked_later(admin: Member, member: Member) -> None:
    path = "/api/v1/auths/api_key"
    assert member.call("GET", path).status_code == 404
    key = member.call("POST", path).json()["api_key"]
    assert key.startswith("sk-")
    assert len(key) >= 46
    assert member.call("GET", path).json() == {"api_key": f"sk-…{key[-4:]}"}
    by_key = Member(member.id, member.email, key, "user")
    assert by_key.call("GET", "/api/v1/auths/").json()["id"] == member.id
    assert "set-cookie" not in by_key.call("GET", "/api/v1/auths/").headers
    second = member.call("POST", path).json()["api_key"]
    assert by_key.call("GET", "/api/v1/auths/").status_code == 401
    by_key.token = second
    assert member.call("DELETE", path).json() is True
    assert by_key.call("GET", "/api/v1/auths/").status_code == 401


def test_api_keys_can_be_switched_off(admin: Member, member: Member) -> None:
    member.token = member.call("POST", "/api/v1/auths/api_key").json()["api_key"]
    config = admin.call("GET", "/api/v1/auths/admin/config").json()
    admin.call("POST", "/api/v1/auths/admin/config", json={**config, "ENABLE_API_KEY": False})
    assert member.call("GET", "/api/v1/auths/").status_code == 403
    assert admin.call("POST", "/api/v1/auths/api_key").status_code == 403


@pytest.mark.parametrize(
    "change",
    [
        {"JWT_EXPIRES_IN": "soon"},
        {"JWT_EXPIRES_IN": "9" * 99 + "w"},
        {"JWT_EXPIRES_IN": "101" + "0" * 4 + "d"},
        {"DEFAULT_USER_ROLE": "owner"},
        {"WEBUI_URL": "javascript:alert(1)"},
        {"WEBUI_URL": "http://["},
    ],
)
def test_settings_that_would_not_work_are_refused(admin: Member, change: dict[str, str]) -> None:
    config = admin.call("GET", "/api/v1/auths/admin/config").json()
    assert admin.call("POST", "/api/v1/auths/admin/config", json={**config, **change}).status_code == 400
    assert admin.call("GET", "/api/v1/auths/admin/config").json() == config


def test_shares_are_opened_to_everybody_by_clients_that_know_of_it(admin: Member) -> None:
    path = "/api/v1/auths/admin/config"
    config = admin.call("GET", path).json()
    assert config["ENABLE_PUBLIC_SHARES"] is False
    assert admin.call("POST", path, json={**config, "ENABLE_PUBLIC_SHARES": True}).json()["ENABLE_PUBLIC_SHARES"]
    del config["ENABLE_PUBLIC_SHARES"]
    assert admin.call("POST", path, json=config).json()["ENABLE_PUBLIC_SHARES"] is True


def test_a_default_language_is_one_and_stays_where_a_client_does_not_know_of_it(admin: Member) -> None:
    path = "/api/v1/auths/admin/config"
    config = admin.call("GET", path).json()
    assert config["DEFAULT_LOCALE"] == ""
    assert admin.call("POST", path, json={**config, "DEFAULT_LOCALE": "zh-Hans"}).json()["DEFAULT_LOCALE"] == "zh-Hans"
    assert admin.call("POST", path, json={**config, "DEFAULT_LOCALE": '"><b>'}).status_code == 422
    del config["DEFAULT_LOCALE"]
    assert admin.call("POST", path, json=config).json()["DEFAULT_LOCALE"] == "zh-Hans"


def test_people_learn_whom_to_ask_unless_hidden(admin: Member, sign_up: Callable[..., Member]) -> None:
    waiting, path = sign_up("waiting@example.com"), "/api/v1/auths/admin/details"
    assert waiting.call("GET", path).json() == {"name": "Root Admin", "email": "admin@example.com"}
    config = admin.call("GET", "/api/v1/auths/admin/config").json()
    admin.call("POST", "/api/v1/auths/admin/config", json={**config, "SHOW_ADMIN_DETAILS": False})
    assert waiting.call("GET", path).status_code == 400


def test_default_permissions_are_kept_whole(admin: Member, member: Member) -> None:
    path = "/api/v1/users/default/permissions"
    permissions = admin.call("GET", path).json()
    permissions["chat"]["delete"] = False
    admin.call("POST", path, json=permissions)
    assert member.call("GET", "/api/v1/users/permissions").json() == permissions


def test_activity_is_noted_at_most_once_a_minute(member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    user = UserItem.get(*UserItem.key(member.id), consistent_read=True)
    assert activity.touch(user) is None
    moment = int(user.last_active_at) + 61
    monkeypatch.setattr(activity, "now", lambda: moment)
    for _ in range(2):
        noted = activity.touch(user)
        assert noted is not None
        noted.result(timeout=10)
    after = UserItem.get(*UserItem.key(member.id), consistent_read=True)
    assert after.last_active_at == moment
    assert after.version == user.version


@pytest.mark.usefixtures("crowd")
def test_everybody_is_in_some_shard_of_the_listing(admin: Member) -> None:
    assert len(directory.everybody()) == 36
