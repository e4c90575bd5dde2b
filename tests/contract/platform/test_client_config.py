"""What /api/config tells whom."""

import uuid
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from shared.identity.config import AuthSection
from shared.realtime import presence
from shared.realtime.connections import ACTIVE, RoomItem
from shared.retrieval.settings import RetrievalSettings
from shared.sections import update
from shared.tasks.section import TasksSection

SignedIn = Callable[[str], TestClient]
BEFORE_SIGN_IN = {"status", "name", "version", "default_locale", "oauth", "features"}


def test_a_new_server_asks_for_its_first_account(client: TestClient) -> None:
    config = client.get("/api/config").json()
    assert config["onboarding"] is True
    assert set(config) == BEFORE_SIGN_IN | {"onboarding"}


def test_before_sign_in_there_is_only_what_sign_in_needs(signed_in: SignedIn) -> None:
    client = signed_in("admin")
    del client.headers["authorization"]
    config = client.get("/api/config").json()
    assert set(config) == BEFORE_SIGN_IN
    assert config["features"] == {
        "auth": True,
        "auth_trusted_header": False,
        "enable_signup_password_confirmation": False,
        "enable_ldap": False,
        "enable_api_key": True,
        "enable_signup": True,
        "enable_login_form": True,
        "enable_websocket": True,
        "enable_version_update_check": False,
    }


def test_the_default_language_is_known_before_sign_in(client: TestClient) -> None:
    assert client.get("/api/config").json()["default_locale"] == ""
    update(AuthSection, lambda section: section.model_copy(update={"default_locale": "de"}))
    assert client.get("/api/config").json()["default_locale"] == "de"


def test_somebody_who_waits_gets_the_texts_for_it(signed_in: SignedIn) -> None:
    texts = {"pending_user_overlay_title": "Hold on", "pending_user_overlay_content": "We let you in soon."}
    client = signed_in("pending")
    update(AuthSection, lambda section: section.model_copy(update={**texts, "response_watermark": "secret"}))
    config = client.get("/api/config").json()
    assert set(config) == BEFORE_SIGN_IN | {"ui"}
    assert config["ui"] == texts


def test_a_person_gets_what_the_app_needs(signed_in: SignedIn) -> None:
    config = signed_in("user").get("/api/config").json()
    assert config["features"]["enable_websocket"] is True
    assert config["permissions"]["chat"]["file_upload"] is True
    assert config["default_prompt_suggestions"][0]["content"]
    assert config["file"]["max_size"] == 100
    assert "user_count" not in config


def test_an_admin_also_learns_how_many_people_there_are(signed_in: SignedIn) -> None:
    assert "user_count" in signed_in("admin").get("/api/config").json()


def test_an_ended_session_counts_as_none(client: TestClient) -> None:
    client.headers["authorization"] = "Bearer undefined"
    assert client.get("/api/config").status_code == 200


@pytest.mark.parametrize("path", ["/health", "/health/db"])
def test_health(client: TestClient, path: str) -> None:
    assert client.get(path).json() == {"status": True}


def test_versions_ask_nobody(signed_in: SignedIn) -> None:
    client = signed_in("user")
    version = client.get("/api/version").json()["version"]
    assert client.get("/api/version/updates").json() == {"current": version, "latest": version}
    release = client.get("/api/changelog").json()[version]
    assert set(release) <= {"date", "added", "fixed", "changed", "removed"}
    assert None not in release.values(), "clients show a heading for each kind there is"
    assert all({"title", "content", "raw"} == set(change) for change in release["added"])


def test_usage_names_models_and_people(signed_in: SignedIn) -> None:
    model, person = f"model-{uuid.uuid4()}", str(uuid.uuid4())
    asker = signed_in("user")
    before = asker.get("/api/usage").json()
    assert model not in before["model_ids"]
    assert person not in before["user_ids"]
    presence.note_usage(model)
    room = RoomItem(*RoomItem.key(person, "socket"), session_id="any", gsi1pk=ACTIVE, gsi1sk=f"{person}#socket")
    room.save()
    now = asker.get("/api/usage").json()
    assert model in now["model_ids"]
    assert person in now["user_ids"]


def test_the_manifest_names_the_app(client: TestClient) -> None:
    manifest = client.get("/manifest.json").json()
    assert (manifest["name"], manifest["display"]) == ("Cirrus", "standalone")


def test_an_admin_lets_a_model_offer_how_to_go_on(signed_in: Callable[[str], TestClient]) -> None:
    client = signed_in("user")
    assert client.get("/api/config").json()["features"]["enable_autocomplete_generation"] is False
    update(TasksSection, lambda section: section.model_copy(update={"enable_autocomplete_generation": True}))
    assert client.get("/api/config").json()["features"]["enable_autocomplete_generation"] is True


def test_an_admin_lets_people_search_the_web_and_limits_their_files(signed_in: Callable[[str], TestClient]) -> None:
    client = signed_in("user")
    before = client.get("/api/config").json()
    assert before["features"]["enable_web_search"] is False
    assert before["file"] == {"max_size": 100, "image_compression": {}}

    def changed(section: RetrievalSettings) -> RetrievalSettings:
        web = section.web.model_copy(update={"enable_web_search": True})
        return section.model_copy(update={"web": web, "file_max_size": 7, "file_max_count": 3})

    update(RetrievalSettings, changed)
    after = client.get("/api/config").json()
    assert after["features"]["enable_web_search"] is True
    assert (after["file"]["max_size"], after["file"]["max_count"]) == (7, 3)
