"""The settings of retrieval over HTTP: the contract's names, secrets masked, and what an admin is told."""

from collections.abc import Iterator
from typing import Any

import pytest

from functions.knowledge import retrieval_config
from functions.knowledge.handler import app
from shared import sections
from shared.identity.sealed import MASK
from shared.retrieval import spaces
from shared.retrieval.settings import TEMPLATE, retrieval_settings
from shared.sections import SectionItem
from shared.settings import settings
from tests.contract.accounts.members import empty
from tests.contract.chats.people import Person, sign_in
from tests.support.model_server import ModelServer

URL = "/api/v1/retrieval"
KEY = "tvly-a-secret-of-some-length-1234"


@pytest.fixture
def admin(emulator: object) -> Iterator[Person]:
    empty(settings().platform_table)
    sections.forget()
    yield sign_in(app, "admin")
    empty(settings().platform_table)
    sections.forget()


def change(admin: Person, **form: Any) -> Any:
    answer = admin.post(f"{URL}/config/update", form)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_what_is_left_out_stays_and_null_is_left_out(admin: Person) -> None:
    before = admin.get(f"{URL}/config").json()
    assert (before["status"], before["TOP_K"], before["RAG_TEMPLATE"]) == (True, 3, TEMPLATE)
    changed = change(admin, TOP_K=7, CHUNK_SIZE=None, FILE_MAX_SIZE=20, web={"WEB_SEARCH_RESULT_COUNT": 5})
    assert (changed["TOP_K"], changed["CHUNK_SIZE"], changed["FILE_MAX_SIZE"]) == (7, 1000, 20)
    assert changed["web"]["WEB_SEARCH_RESULT_COUNT"] == 5
    again = change(admin, **changed)
    assert again == changed
    assert retrieval_settings().rag_template == "", "the built-in template is not stored, so that it stays up to date"
    assert change(admin, FILE_MAX_SIZE="")["FILE_MAX_SIZE"] is None
    assert admin.get(f"{URL}/").json()["chunk_overlap"] == 100


def test_secrets_are_sealed_masked_and_bound_to_their_address(admin: Person) -> None:
    shown = change(admin, MISTRAL_OCR_API_KEY=KEY, web={"TAVILY_API_KEY": KEY, "FIRECRAWL_API_KEY": KEY})
    assert shown["MISTRAL_OCR_API_KEY"] == shown["web"]["TAVILY_API_KEY"] == f"{MASK}1234"
    assert KEY not in str(SectionItem.get("SETTINGS", "retrieval").data)
    change(admin, **shown)
    assert retrieval_settings().secret("mistral_ocr_api_key") == KEY
    assert retrieval_settings().web_secret("tavily_api_key") == KEY
    moved = {"FIRECRAWL_API_BASE_URL": "https://evil.example", "FIRECRAWL_API_KEY": f"{MASK}1234"}
    refused = admin.post(f"{URL}/config/update", {"web": moved})
    assert refused.status_code == 400
    assert "FIRECRAWL_API_KEY again" in refused.json()["detail"]
    change(admin, web={"FIRECRAWL_API_BASE_URL": "https://elsewhere.example"})
    assert retrieval_settings().web_secret("firecrawl_api_key") == "", "a secret never follows to another address"


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"CHUNK_SIZE": 100, "CHUNK_OVERLAP": 100}, "smaller overlap"),
        ({"web": {"WEB_SEARCH_ENGINE": "altavista"}}, "WEB_SEARCH_ENGINE"),
        ({"web": {"WEB_LOADER_ENGINE": "playwright"}}, "not supported"),
        ({"RAG_RERANKING_ENGINE": "magic"}, "not supported"),
        ({"web": {"SEARXNG_QUERY_URL": "http://169.254.169.254/"}}, "not allowed"),
        ({"TIKA_SERVER_URL": "tika:9998"}, "http://"),
    ],
)
def test_what_cannot_work_is_refused_in_words(admin: Person, form: dict[str, Any], said: str) -> None:
    answer = admin.post(f"{URL}/config/update", form)
    assert (answer.status_code, said in answer.json()["detail"]) == (400, True), answer.text


@pytest.mark.parametrize("form", [{"TOP_K": 0}, {"HYBRID_BM25_WEIGHT": 2}, {"CHUNK_SIZE": "many"}, {"web": 1}])
def test_values_out_of_bounds_are_refused(admin: Person, form: dict[str, Any]) -> None:
    assert admin.post(f"{URL}/config/update", form).status_code == 422


def test_an_embedding_model_is_chosen_and_everything_indexed_for_it(
    admin: Person, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[object] = []
    monkeypatch.setattr(retrieval_config.requests, "wake", woken.append)
    form = {
        "embedding_engine": "openai",
        "embedding_model": "embed-small",
        "embedding_batch_size": 16,
        "openai_config": {"url": f"{server.url}/", "key": KEY},
        "query_prefix": "query: ",
    }
    chosen = admin.post(f"{URL}/embedding/update", form).json()
    assert chosen["openai_config"] == {"url": server.url, "key": f"{MASK}1234"}
    assert server.requests[-1].headers["authorization"] == f"Bearer {KEY}"
    assert server.requests[-1].body["input"] == ["query: dimension"]
    state = chosen["state"]
    assert (state["lexical_only"], state["building"]["model"], state["building"]["dimension"]) == (
        True,
        "embed-small",
        2,
    )
    assert woken == [{"task": "sweep"}]
    building = spaces.state(fresh=True).building
    assert building is not None
    spaces.switch(building.space)
    same = admin.post(f"{URL}/embedding/update", {**form, "openai_config": chosen["openai_config"]}).json()
    assert same["state"]["answering"]["space"] == building.space.id
    assert not same["state"]["lexical_only"]
    assert len(woken) == 1, "the same model is nothing new"
    assert admin.get(f"{URL}/embedding").json() == same


def test_a_model_that_does_not_answer_is_said_and_words_are_left(admin: Person) -> None:
    form = {
        "embedding_engine": "openai",
        "embedding_model": "m",
        "openai_config": {"url": "http://127.0.0.1:9/v1", "key": ""},
    }
    state = admin.post(f"{URL}/embedding/update", form).json()["state"]
    assert state["lexical_only"]
    assert "cannot be reached" in state["trouble"]
    for wrong, said in (
        ({"embedding_model": " "}, "Name the embedding model"),
        ({"embedding_engine": ""}, "named on the hub"),
        ({"openai_config": {"url": "http://169.254.169.254/v1", "key": ""}}, "not allowed"),
        ({"openai_config": {"url": "http://other.example/v1", "key": f"{MASK}1234"}}, "enter its key again"),
    ):
        bad = {**form, "embedding_model": "no such/model/name", **wrong}
        answer = admin.post(f"{URL}/embedding/update", bad)
        assert (answer.status_code, said in answer.json()["detail"]) == (400, True), answer.text
