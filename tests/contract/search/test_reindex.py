"""`make reindex-chats`: everybody's index from the table, going on where it broke off."""

import io
import json
from typing import Any

import pytest

from functions.chat_index import rebuilding
from infra.reindex import RUN_KEY, Site, reindex
from shared.settings import settings
from shared.storage import aws, objects
from tests.contract.chats.people import Person
from tests.contract.search.conftest import Index, crash, found, new_chat, shelf_of


class Functions:
    """The Lambda client, with the writer in this process."""

    def __init__(self, index: Index) -> None:
        self._index, self.invoked = index, 0

    def get_function_configuration(self, **_: str) -> dict[str, Any]:
        return {"Environment": {"Variables": {"FILES_BUCKET": settings().files_bucket}}}

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:
        from functions.chat_index.handler import handler

        assert FunctionName == settings().chat_index_function
        self.invoked += 1
        try:
            answer = handler(json.loads(Payload), self._index.context)  # type: ignore[arg-type]
        except Exception as error:  # noqa: BLE001 (as Lambda does)
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(json.dumps({"e": str(error)}).encode())}
        return {"Payload": io.BytesIO(json.dumps(answer).encode())}


@pytest.fixture
def site(index: Index, person: Person, other: Person, monkeypatch: pytest.MonkeyPatch) -> Site:
    site = Site("local", Functions(index), aws.dynamodb(), aws.s3())  # type: ignore[arg-type]
    assert {person.id, other.id} <= set(site.people())
    monkeypatch.setattr(Site, "people", lambda self: iter([person.id, other.id]))
    return site


def test_everybody_gets_an_index(site: Site, index: Index, person: Person, other: Person) -> None:
    chats = [(each, new_chat(each, "words")) for each in (person, other)]
    index.records()
    told: list[str] = []
    assert reindex(site, told.append) == 0
    assert told == ["2 of 2 people, 0 failed"]
    for each, chat_id in chats:
        assert found(each, "words") == [chat_id]


def test_it_goes_on_with_those_who_are_left(
    site: Site, index: Index, person: Person, other: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_chat(person, "words")
    index.records()
    assert site.rebuild(person.id, "r")
    objects.put(RUN_KEY, json.dumps({"run": "r"}).encode())
    chat_id, before = new_chat(other, "words"), shelf_of(person)
    index.records()
    with monkeypatch.context() as dying:
        dying.setattr(rebuilding, "_build_one", crash)
        assert reindex(site, lambda _: None) == 1
    assert reindex(site, lambda _: None) == 0
    assert shelf_of(person) == before
    assert found(other, "words") == [chat_id]
    assert RUN_KEY not in objects.keys("search/reindex")
