"""A person who searches, and an index that follows the chats table when a test says so."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from functions.chat_index import changes, handler
from functions.chats import search_service
from functions.chats.handler import app
from infra.local import aws
from shared.chats.search import requests
from shared.chats.search import shelf as shelves
from shared.chats.search.reading import Reader
from shared.chats.search.shard import Shard
from shared.chats.search.shelf import Shelf
from shared.settings import settings
from tests.contract.chats.conftest import chat_of, message
from tests.contract.chats.people import Person, sign_in
from tests.support.emulator import Emulator

__all__ = ["chat_of", "message"]


class Context:
    """What a function is told about its time."""

    def __init__(self, milliseconds: int = 900_000) -> None:
        self.milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


@dataclass
class Index:
    """The two functions behind the stream, run here: `deliver` hands over what was written since the last time."""

    streams: Any
    iterator: str
    asked: list[dict[str, Any]] = field(default_factory=list)
    context: Context = field(default_factory=Context)

    def invoke(self, *, FunctionName: str, InvocationType: str, Payload: bytes) -> None:
        assert (FunctionName, InvocationType) == (settings().chat_index_function, "Event")
        self.asked.append(json.loads(Payload))

    def records(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            page = self.streams.get_records(ShardIterator=self.iterator)
            self.iterator = page["NextShardIterator"]
            found += page["Records"]
            if not page["Records"]:
                return found

    def hear(self) -> list[dict[str, Any]]:
        """What was written since the last time, as a writer is told."""
        return [each.model_dump(exclude_defaults=True) for each in changes.changes(self.records())]

    def follow(self) -> list[dict[str, Any]]:
        """Indexes what was written since the last time; returns what is left to chat_index."""
        changes.handler({"Records": self.records()}, self.context)  # type: ignore[arg-type]
        asked, self.asked = self.asked, []
        return asked

    def write(self, *asked: dict[str, Any]) -> None:
        for each in asked:
            handler.handler(each, self.context)  # type: ignore[arg-type]

    def deliver(self) -> None:
        """Brings the index up to date, with all that this leads to."""
        asked = self.follow()
        while asked:
            self.write(*asked)
            asked, self.asked = self.asked, []


@pytest.fixture
def index(emulator: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Index:
    table = settings().require("chats_table")
    arn = aws.client("dynamodb", emulator.url).describe_table(TableName=table)["Table"]["LatestStreamArn"]
    streams = aws.client("dynamodbstreams", emulator.url)
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][-1]["ShardId"]
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="LATEST")["ShardIterator"]
    made = Index(streams, iterator)
    for module in (changes, requests):
        monkeypatch.setattr(module, "lambda_client", lambda: made)
    monkeypatch.setattr(search_service, "reader", Reader(tmp_path / "shards"))
    return made


@pytest.fixture
def person(index: Index) -> Person:
    return sign_in(app)


@pytest.fixture
def other(index: Index) -> Person:
    return sign_in(app)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every write fills a shard."""
    monkeypatch.setattr("functions.chat_index.writing.SEAL_BYTES", 0)
    monkeypatch.setattr("functions.chat_index.rebuilding.SEAL_BYTES", 0)


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("shared.shelves.shelf.time.sleep", lambda _: None)
    return


def new_chat(person: Person, *texts: str, title: str = "A chat", **more: Any) -> str:
    """A chat with these messages, m0, m1 …; returns its id."""
    messages = [message(f"m{at}", f"m{at - 1}" if at else None, text) for at, text in enumerate(texts)]
    answer = person.post("/api/v1/chats/new", {"chat": chat_of(*messages, title=title), **more})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def hits(person: Person, text: str, **parameters: Any) -> list[dict[str, Any]]:
    """What a search answers."""
    answer = person.get("/api/v1/chats/search", params={"text": text, **parameters})
    assert answer.status_code == 200, answer.text
    return list(answer.json())


def found(person: Person, text: str, **parameters: Any) -> list[str]:
    """The ids that a search answers."""
    return [hit["id"] for hit in hits(person, text, **parameters)]


def shelf_of(person: Person) -> Shelf:
    shelf = shelves.load(person.id)
    assert shelf
    return shelf


def texts_of(person: Person) -> set[str]:
    """Every text in any of a person's shards."""
    shelf = shelf_of(person)
    shards = [Shard.loaded(shelves.read(shelf, entry)) for entry in shelf.entries]
    return {text for shard in shards for _, _, text in shard.texts() if text}


Crashing = Callable[..., Any]


class Crash(Exception):
    """What a process that ends in the middle looks like from inside."""


def crash(*_: object, **__: object) -> None:
    raise Crash
