"""Whatever is sent, retrieval answers in words and never fails itself."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from functions.knowledge.handler import app
from shared import sections
from shared.retrieval import local_models
from shared.settings import settings
from tests.contract.accounts.members import empty
from tests.contract.chats.people import Person, sign_in

URL = "/api/v1/retrieval"
ODD: list[Any] = ["", "\x00", "\ud800", "a" * 5000, "../../etc", -1, 10**30, True, None, [], {}]
LISTED = [*ODD, "x" * 3000, "file-" + "y" * 5000]
"""What is put into lists of texts or objects, each by itself."""
FORMS: dict[str, dict[str, Any]] = {
    "process/file": {"file_id": "x", "content": "text", "collection_name": "name"},
    "process/text ": {"name": "x", "content": "words"},
    "process/text": {"name": "x", "content": "some words", "collection_name": "my-name"},
    "process/web": {"url": "http://127.0.0.1/", "collection_name": "name", "sitemap": False},
    "process/youtube": {"url": "http://127.0.0.1/", "collection_name": "name"},
    "process/web/search": {"queries": ["x"]},
    "query/doc": {"collection_name": "my-name", "query": "words", "k": 3, "k_reranker": 3, "r": 0.1, "hybrid": True},
    "query/collection": {"collection_names": ["my-name"], "query": "words", "hybrid_bm25_weight": 0.5, "k": 3},
    "process/files/batch": {"files": [], "collection_name": "name"},
    "delete": {"collection_name": "name", "file_id": "x"},
    "try": {"text": "some words", "query": "words", "chunk_size": 100, "chunk_overlap": 10},
    "config/update": {"TOP_K": 3, "RAG_TEMPLATE": "x", "FILE_MAX_SIZE": 1, "MISTRAL_OCR_API_KEY": "k", "web": {}},
    "embedding/update": {"embedding_engine": "openai", "embedding_model": "m", "openai_config": {"url": "", "key": ""}},
}


@pytest.fixture(scope="module")
def admin(emulator: object) -> Iterator[Person]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local_models, "begin_fetching", lambda model: None)
        yield sign_in(app, "admin")
    empty(settings().platform_table)
    sections.forget()


@pytest.mark.parametrize("path", FORMS)
def test_odd_values_in_each_field_are_answered_in_words(path: str, admin: Person) -> None:
    for field, usual in FORMS[path].items():
        for value in [*ODD, *([each] for each in LISTED if isinstance(usual, list))]:
            body = json.dumps({**FORMS[path], field: value})
            answer = admin.call(
                "POST", f"{URL}/{path.strip()}", content=body, headers={"content-type": "application/json"}
            )
            told = f"{field}={value!r:.40}: {answer.status_code} {answer.text[:200]}"
            assert answer.status_code < 500 or answer.status_code == 502, told
            assert answer.status_code == 200 or answer.json()["detail"], told


@pytest.mark.parametrize("file_id", ["", "x", "y" * 5000])
def test_a_batch_tells_of_files_that_are_not_there(file_id: str, admin: Person) -> None:
    file = {"id": file_id, "user_id": "x", "filename": "x", "meta": {}, "created_at": 0, "updated_at": 0}
    answer = admin.post(f"{URL}/process/files/batch", {"files": [file], "collection_name": "name"})
    assert (answer.status_code, [each["file_id"] for each in answer.json()["errors"]]) == (200, [file_id])


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b'"x"', b"\xff"])
@pytest.mark.parametrize("path", ["process/text", "config/update"])
def test_what_is_no_form_is_refused(path: str, body: bytes, admin: Person) -> None:
    answer = admin.call("POST", f"{URL}/{path}", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422), answer.text
