"""Settings of the whole server."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from shared.sections import SectionItem

SignedIn = Callable[[str], TestClient]


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("connections", {"ENABLE_DIRECT_CONNECTIONS": True, "ENABLE_BASE_MODELS_CACHE": True}),
        ("models", {"DEFAULT_MODELS": "a,b", "MODEL_ORDER_LIST": ["b", "a"]}),
    ],
)
def test_what_is_set_is_kept(signed_in: SignedIn, path: str, form: dict[str, object]) -> None:
    client = signed_in("admin")
    assert client.post(f"/api/v1/configs/{path}", json=form).json() == form
    assert client.get(f"/api/v1/configs/{path}").json() == form


def test_banners_reach_everybody(signed_in: SignedIn) -> None:
    banner = {"id": "1", "type": "info", "title": None, "content": "Hello", "dismissible": True, "timestamp": 1}
    signed_in("admin").post("/api/v1/configs/banners", json={"banners": [banner]})
    client = signed_in("user")
    assert client.get("/api/v1/configs/banners").json() == [banner]
    (shown,) = client.get("/api/config").json()["banners"]
    assert shown == {name: value for name, value in banner.items() if value is not None}


def test_default_models_reach_clients(signed_in: SignedIn) -> None:
    client = signed_in("admin")
    client.post("/api/v1/configs/models", json={"DEFAULT_MODELS": "a,b", "MODEL_ORDER_LIST": []})
    assert client.get("/api/config").json()["default_models"] == "a,b"


def test_suggestions_reach_clients(signed_in: SignedIn) -> None:
    suggestion = {"title": ["Try", "this"], "content": "Do it"}
    client = signed_in("admin")
    client.post("/api/v1/configs/suggestions", json={"suggestions": [suggestion]})
    assert client.get("/api/config").json()["default_prompt_suggestions"] == [suggestion]


def test_the_webhook_is_an_address_or_nothing(signed_in: SignedIn) -> None:
    client = signed_in("admin")
    for wrong in ("file:///etc/passwd", "http://[", "https://"):
        assert client.post("/api/webhook", json={"url": wrong}).status_code == 400
    assert client.post("/api/webhook", json={"url": "https://example.com/hook"}).status_code == 200
    assert client.get("/api/webhook").json() == {"url": "https://example.com/hook"}
    assert client.post("/api/webhook", json={"url": ""}).json() == {"url": ""}


def test_an_export_has_all_settings_and_no_secret(signed_in: SignedIn) -> None:
    client = signed_in("admin")
    stored = {
        "connections": [
            {"url": "https://me:pass-word@api.example.com/v1", "sealed_key": "1.ciphertext", "prefix": "a"}
        ],
        "headers": {"x-api-key": "header-secret"},
        "api_keys": ["key-one"],
        "enable_api_keys": True,
    }
    SectionItem("SETTINGS", "models", data=stored).save()
    answer = client.get("/api/v1/configs/export")
    for secret in ("pass-word", "ciphertext", "header-secret", "key-one"):
        assert secret not in answer.text
    body = answer.json()
    assert body["models"]["connections"][0]["prefix"] == "a"
    assert body["models"]["enable_api_keys"] is True
    assert body["auth"]["jwt_expires_in"] == "4w"


def test_an_export_can_be_imported(signed_in: SignedIn) -> None:
    client = signed_in("admin")
    config = client.get("/api/v1/configs/export").json()
    config["auth"]["jwt_expires_in"] = "2d"
    config["interface"]["default_models"] = "m"
    config["evaluations"] = {"enable_arena_models": True, "arena_models": []}
    assert client.post("/api/v1/configs/import", json={"config": config}).json() == config
    assert client.get("/api/v1/configs/export").json() == config


def test_an_import_leaves_connections_and_their_keys_alone(signed_in: SignedIn) -> None:
    client = signed_in("admin")
    stored = {"connections": [{"url": "https://api.example.com/v1", "key": "sealed-key"}]}
    SectionItem("SETTINGS", "connections", data=stored).save()
    config = client.get("/api/v1/configs/export").json()
    assert config["connections"]["connections"][0]["key"] == "(hidden)"
    config["connections"]["connections"] = [{"url": "https://elsewhere.example.com/v1", "key": "theirs"}]
    assert client.post("/api/v1/configs/import", json={"config": config}).status_code == 200
    assert SectionItem.get("SETTINGS", "connections").data == stored


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"auth": "x"},
        {"auth": {"jwt_expires_in": "soon"}},
        {"auth": {"default_user_role": "owner"}},
        {"interface": {"banners": 1}},
        {"evaluations": {"arena_models": [{"id": ""}]}},
        {"interface": {"default_models": "kept?"}, "auth": {"enable_signup": []}},
    ],
)
def test_what_is_not_right_is_not_imported(signed_in: SignedIn, config: dict[str, object]) -> None:
    client = signed_in("admin")
    before = client.get("/api/v1/configs/export").json()
    assert client.post("/api/v1/configs/import", json={"config": config}).status_code == 400
    assert client.get("/api/v1/configs/export").json() == before
