"""The settings of answers that an admin gives to the whole instance."""

from collections.abc import Callable

from fastapi.testclient import TestClient

PATH = "/api/v1/configs/generation"


def test_an_admin_sets_them_and_they_are_exported(signed_in: Callable[[str], TestClient]) -> None:
    admin = signed_in("admin")
    defaults = {"SYSTEM_PROMPT": "", "PARAMS": {}, "SUMMARISE_LONG_CONVERSATIONS": True, "CONTEXT_LENGTH": 0}
    assert admin.get(PATH).json() == defaults
    form = {"SYSTEM_PROMPT": "Be kind.", "PARAMS": {"temperature": 0.5}, "CONTEXT_LENGTH": 8192}
    wanted = {**defaults, **form}
    assert admin.post(PATH, json=form).json() == wanted
    assert admin.get(PATH).json() == wanted
    exported = admin.get("/api/v1/configs/export").json()
    assert exported["generation"]["system"] == "Be kind."
    assert exported["tasks"]["enable_title_generation"] is True
    assert admin.post(PATH, json={"CONTEXT_LENGTH": -1}).status_code == 422
    assert admin.post(PATH, json={}).json() == defaults
