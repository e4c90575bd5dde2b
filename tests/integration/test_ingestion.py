"""From an upload, or the drop folder, to what can be found, on the deployed stack: Step Functions, roles and layers."""

import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.integration.test_chats import ok, sign_up
from tests.support.documents import pdf
from tests.support.model_server import ModelServer
from tests.support.socket_client import SocketClient
from tests.support.stack import Stack
from tests.support.waiting import until

__all__ = ["sign_up"]

ENDED = {"indexed", "failed"}
LIMIT = 300.0  # a machine with other work to do starts functions slowly

pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def admin(cirrus: Stack, sign_up: Callable[[], httpx.Client]) -> httpx.Client:
    """Somebody who may do everything."""
    person = sign_up()
    user_id = ok(person.get("/api/v1/auths/"))["id"]
    cirrus.client("dynamodb").update_item(
        TableName=cirrus.endpoints.tables["accounts"],
        Key={"pk": {"S": f"USER#{user_id}"}, "sk": {"S": "USER"}},
        UpdateExpression="SET #role = :role",
        ExpressionAttributeNames={"#role": "role"},
        ExpressionAttributeValues={":role": {"S": "admin"}},
    )
    return person


def upload(person: httpx.Client, content: bytes, name: str = "notes.txt") -> dict[str, Any]:
    return dict(ok(person.post("/api/v1/files/", files={"file": (name, content, "text/plain")})))


def listed(person: httpx.Client) -> list[dict[str, Any]]:
    return list(ok(person.get("/api/v1/files/", params={"content": False})))


def ended(person: httpx.Client, count: int, stack: Stack) -> list[dict[str, Any]]:
    """The person's files once there are so many and all are indexed, or have failed."""

    def done() -> bool:
        files = listed(person)
        return len(files) == count and {file["status"] for file in files} <= ENDED

    try:
        until(done, LIMIT, f"{count} files are indexed or have failed")
    except AssertionError as error:
        raise AssertionError(f"{error}: {[file['status'] for file in listed(person)]}\n{stack.logs()}") from error
    return listed(person)


def found(person: httpx.Client, collection: str, text: str) -> list[str]:
    """The passages that are found."""
    form = {"collection_name": collection, "query": text, "k": 50}
    answer = ok(person.post("/api/v1/retrieval/query/doc", json=form))
    return [passage for passages in answer["documents"] for passage in passages]


def test_an_upload_is_told_of_found_and_gone(cirrus: Stack, sign_up: Callable[[], httpx.Client]) -> None:
    person = sign_up()
    token = person.headers["authorization"].removeprefix("Bearer ")
    with SocketClient(cirrus.url, token=token) as socket:
        socket.connected()
        book = pdf([f"Page {number}: the brass lantern number {number} hangs here." for number in range(30)])
        file = upload(person, book, "book.bin")
        path = f"/api/v1/files/{file['id']}/process/status"
        with person.stream("GET", path, params={"stream": True}, timeout=LIMIT) as events:
            assert events.headers["content-type"].startswith("text/event-stream")
            lines = (line for line in events.iter_lines() if line.startswith("data:"))
            assert next(lines) == 'data: {"status":"pending"}', "at once, not at the end"
            assert list(lines) == ['data: {"status":"completed"}']
        (done,) = ended(person, 1, cirrus)
        assert (done["status"], done["reason"], done["data"]["status"]) == ("indexed", None, "completed"), done

        def told() -> list[Any]:
            data = [each["data"] for each in socket.events()]
            return [event["data"]["status"] for event in data if event["type"] == "file:status"]

        until(lambda: told()[-1:] == ["indexed"], 60, "the end is told of")
        assert told()[0] == "extracting"
    collection = f"file-{file['id']}"
    assert "number 17" in found(person, collection, "lantern 17")[0]
    whole = ok(person.get(f"/api/v1/files/{file['id']}"))["data"]["content"]
    assert whole.count("brass lantern") == 30
    assert ok(person.get(f"/api/v1/files/{file['id']}/process/status")) == {"status": "completed", "error": None}

    ok(person.post(f"/api/v1/files/{file['id']}/data/content/update", json={"content": "Only copper kettles."}))
    until(lambda: found(person, collection, "kettles") != [], LIMIT, "the new text is found")
    assert found(person, collection, "lantern") in ([], ["Only copper kettles."])

    prefix = f"files/{file['user_id']}/{file['id']}/"
    ok(person.delete(f"/api/v1/files/{file['id']}"))
    assert listed(person) == []
    assert person.post("/api/v1/retrieval/query/doc", json={"collection_name": collection, "query": "x"}).is_error
    s3, bucket = cirrus.client("s3"), cirrus.endpoints.files_bucket
    until(lambda: not s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents"), LIMIT, "nothing is left")


def test_many_objects_are_dropped_at_once_changed_and_deleted(cirrus: Stack, admin: httpx.Client) -> None:
    base = ok(admin.post("/api/v1/knowledge/create", json={"name": "Dropped", "description": ""}))["id"]
    s3, bucket, count = cirrus.client("s3"), cirrus.endpoints.files_bucket, 60

    def put(number: int, word: str = "pebble") -> None:
        key = f"drop/{base}/folder {number % 3}/inner/{number}.txt"
        s3.put_object(Bucket=bucket, Key=key, Body=f"The {word} {number} lies here.".encode())

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(put, [*range(count), *range(10)]))  # some twice
    files = ended(admin, count, cirrus)
    assert {file["status"] for file in files} == {"indexed"}
    assert len({file["filename"] for file in files}) == count
    assert "pebble 42 lies" in found(admin, base, "pebble 42")[0]
    paths = {each["path"] for each in ok(admin.get(f"/api/v1/knowledge/{base}"))["files"]}
    assert paths == {f"folder {number % 3}/inner/{number}.txt" for number in range(count)}
    nowhere = f"{uuid.uuid4()}/a.txt"
    s3.put_object(Bucket=bucket, Key=f"drop/{nowhere}", Body=b"Nobody takes this.")
    put(42, "boulder")
    s3.delete_object(Bucket=bucket, Key=f"drop/{base}/folder 1/inner/40.txt")
    until(lambda: any("boulder" in each for each in found(admin, base, "boulder")), LIMIT, "the change is found")
    until(lambda: len(listed(admin)) == count - 1, LIMIT, "the deleted one is gone")
    assert not [each for each in found(admin, base, "pebble 40") if "40" in each]

    def rejected() -> dict[str, str]:
        state = ok(admin.get("/api/v1/retrieval/ingestion"))
        return {each["key"]: each["reason"] for each in state["rejected"]}

    until(lambda: any(nowhere in key for key in rejected()), LIMIT, "what belongs nowhere is listed")
    assert "There is no knowledge base" in next(reason for key, reason in rejected().items() if nowhere in key)


@pytest.mark.alone
def test_the_emulator_is_killed_meanwhile_and_nothing_is_lost_or_doubled(cirrus: Stack, admin: httpx.Client) -> None:
    base = ok(admin.post("/api/v1/knowledge/create", json={"name": "Crash", "description": ""}))["id"]
    s3, bucket = cirrus.client("s3"), cirrus.endpoints.files_bucket
    uploaded = [
        upload(admin, f"Uploaded file {number} has words. ".encode() * 2000, f"{number}.txt")["id"]
        for number in range(8)
    ]
    cirrus.save()
    for number in range(12):
        s3.put_object(Bucket=bucket, Key=f"drop/{base}/{number}.txt", Body=f"Dropped {number}.".encode())
    time.sleep(0.5)  # in the midst of it
    cirrus.kill_and_await_restart("emulator")
    files = ended(admin, 20, cirrus)
    assert {file["status"] for file in files} == {"indexed"}
    for number in range(12):
        passages = [each for each in found(admin, base, f"Dropped {number}") if each == f"Dropped {number}."]
        assert len(passages) == 1, f"{number} is found {len(passages)} times"
    for file_id in uploaded:
        form = {"collection_name": f"file-{file_id}", "query": "uploaded words", "k": 50}
        (places,) = ok(admin.post("/api/v1/retrieval/query/doc", json=form))["ids"]
        assert len(places) == len(set(places)) > 1, "each passage is there once"


@pytest.fixture
def embedding_server(admin: httpx.Client, one_server: ModelServer) -> Iterator[ModelServer]:
    """A model server as the one that embeds, until the test ends."""
    one_server.reset()
    before = ok(admin.get("/api/v1/retrieval/embedding"))
    form = {
        "embedding_engine": "openai",
        "embedding_model": f"stub-{uuid.uuid4().hex[:8]}",
        "openai_config": {"url": one_server.url, "key": "k"},
    }
    ok(admin.post("/api/v1/retrieval/embedding/update", json=form))
    yield one_server
    one_server.reset()
    engine = {name: before[name] for name in ("embedding_engine", "embedding_model")}
    ok(admin.post("/api/v1/retrieval/embedding/update", json=engine))


@pytest.mark.alone
def test_an_embedder_that_is_away_for_a_while_is_waited_for(
    cirrus: Stack, admin: httpx.Client, embedding_server: ModelServer
) -> None:
    embedding_server.embedding_failures = [429, 500, 429]
    file = upload(admin, b"Vectors are made of these words.")
    ended(admin, 1, cirrus)
    until(lambda: not embedding_server.embedding_failures, LIMIT, "the embedder was asked again")
    until(lambda: listed(admin)[0]["status"] == "indexed", LIMIT, "the file is indexed")
    assert found(admin, f"file-{file['id']}", "vectors") == ["Vectors are made of these words."]
