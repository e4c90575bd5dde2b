"""DynamoDB's vector index, which no emulator has: what is asked of it, as botocore's own model takes it."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from shared.search import dynamodb as adapter
from shared.search import waiting
from shared.search.dynamodb import VectorTable
from shared.search.protocol import Entry, Query, Space, Unsupported, Waking

TABLE = "cirrus-dev-vectors"
SPACE = Space("model-2", 2)
NAME = {"TableName": TABLE, "IndexName": "vectors-2"}


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    client = boto3.client("dynamodb", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    monkeypatch.setattr(adapter, "dynamodb", lambda: client)
    monkeypatch.setattr(adapter, "_ready", set())
    monkeypatch.setattr(waiting.time, "sleep", lambda _: None)
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def described(*indexes: tuple[str, str], status: str = "ACTIVE") -> dict[str, Any]:
    found = [{"IndexName": name, "IndexStatus": state} for name, state in indexes]
    return {"Table": {"TableStatus": status, "VectorIndexes": found}}


def stored(entry: Entry, score: float) -> dict[str, Any]:
    item = {
        "pk": {"S": "model-2#kb"},
        "sk": {"S": f"{entry.file_id}#{entry.generation}#{entry.id}"},
        "id": {"S": entry.id},
        "file_id": {"S": entry.file_id},
        "generation": {"S": entry.generation},
        "number": {"N": str(entry.number)},
        "text": {"S": entry.text},
        "metadata": {"S": '{"page": 3}'},
    }
    return {"Item": item, "Score": score}


CHUNK = Entry("c1", "f1", "g1", 7, "the warranty", {"page": 3}, [1.0, 0.5])


def test_chunks_are_written_and_waited_for(stub: Stubber) -> None:
    stub.add_response("describe_table", described(("vectors-2", "ACTIVE")), {"TableName": TABLE})
    stub.add_response(
        "batch_write_item",
        {"UnprocessedItems": {TABLE: [{"PutRequest": {"Item": {"pk": {"S": "x"}}}}]}},
        {"RequestItems": {TABLE: [{"PutRequest": {"Item": ANY}}]}},
    )
    stub.add_response("batch_write_item", {}, {"RequestItems": {TABLE: [{"PutRequest": {"Item": {"pk": {"S": "x"}}}}]}})
    for results in ([], [stored(CHUNK, 0.0)]):
        asked = {**NAME, "TopK": 100, "SearchVector": [{"N": "1"}, {"N": "0.5"}]}
        expected = asked | dict.fromkeys(
            ("SearchConditionExpression", "ProjectionExpression", "ExpressionAttributeNames"), ANY
        )
        expected["ExpressionAttributeValues"] = {":pk": {"S": "model-2#kb"}}
        stub.add_response("search_vectors", {"SearchResults": results}, expected)
    VectorTable(SPACE, TABLE).write("kb", [CHUNK])


def test_the_index_of_a_new_dimension_is_made_and_waited_for(stub: Stubber) -> None:
    table = VectorTable(SPACE, TABLE)
    stub.add_response("describe_table", described())
    stub.add_response("update_table", {}, adapter.index_creation(TABLE, 2))
    stub.add_response("describe_table", described(("vectors-2", "CREATING"), status="UPDATING"))
    for _ in range(2):
        with pytest.raises(Waking, match="a few minutes"):
            table.write("kb", [CHUNK])
    create = adapter.index_creation(TABLE, 2)["VectorIndexUpdates"][0]["Create"]
    assert create["SearchSchema"][0] == {"AttributeName": "pk", "SearchSchemaElementType": "HASH"}


def test_a_search_names_its_collections_and_is_checked_on_the_way_out(stub: Stubber) -> None:
    other = Entry("c2", "f1", "g1", 1, "the refund", {})
    for collection, results in (("kb", [stored(CHUNK, 0.2)]), ("file-2", [stored(other, 0.0)])):
        values = {":pk": {"S": f"model-2#{collection}"}, ":file_id": {"S": "f1"}}
        expected = {
            **NAME,
            "TopK": 100,
            "SearchVector": ANY,
            "SearchConditionExpression": "#pk = :pk AND #file_id = :file_id",
            "ProjectionExpression": ANY,
            "ExpressionAttributeNames": ANY,
            "ExpressionAttributeValues": values,
        }
        stub.add_response("search_vectors", {"SearchResults": results}, expected)
    where = {"file_id": "f1", "page": [3, 4], "generation": ["g1"]}
    found = []
    for collection in ("kb", "file-2"):  # one after the other, as answers are told apart by their order
        found += VectorTable(SPACE, TABLE).search(Query((collection,), "warranty", [1.0, 0.0], where=where))
    assert [(hit.collection, hit.entry.id, hit.score) for hit in found] == [
        ("kb", "c1", pytest.approx(0.9)),
        ("file-2", "c2", pytest.approx(1.0)),
    ]
    assert found[0].entry.metadata == {"page": 3}
    assert found[0].entry.vector is None


def test_words_are_not_what_it_finds_by(stub: Stubber) -> None:
    with pytest.raises(Unsupported, match="not by words"):
        VectorTable(SPACE, TABLE).search(Query(("kb",), "warranty", [1.0, 0.0], mode="lexical"))
    with pytest.raises(Unsupported, match="not by words"):
        VectorTable(Space("lexical"), TABLE).write("kb", [CHUNK])
    with pytest.raises(ValueError, match="dimensions"):
        VectorTable(SPACE, TABLE).search(Query(("kb",), "", [1.0]))


def test_deletion_leaves_the_generation_that_is_kept(stub: Stubber) -> None:
    items = [
        {"pk": {"S": "model-2#kb"}, "sk": {"S": f"f1#{each}#c"}, "generation": {"S": each}} for each in ("g1", "g2")
    ]
    values = {":pk": {"S": "model-2#kb"}, ":prefix": {"S": "f1#"}}
    expected = {
        "TableName": TABLE,
        "KeyConditionExpression": "#pk = :pk AND begins_with(#sk, :prefix)",
        "ExpressionAttributeNames": ANY,
        "ExpressionAttributeValues": values,
        "ProjectionExpression": ANY,
    }
    stub.add_response("query", {"Items": items}, expected)
    key = {"pk": {"S": "model-2#kb"}, "sk": {"S": "f1#g1#c"}}
    stub.add_response("batch_write_item", {}, {"RequestItems": {TABLE: [{"DeleteRequest": {"Key": key}}]}})
    VectorTable(SPACE, TABLE).delete("kb", ["f1"], keep="g2")


def test_all_of_a_space_goes_and_a_collection_is_counted(stub: Stubber) -> None:
    stub.add_response("query", {"Count": 2, "LastEvaluatedKey": {"pk": {"S": "p"}}})
    stub.add_response("query", {"Count": 3})
    assert VectorTable(SPACE, TABLE).count("kb") == 5
    key = {"pk": {"S": "model-2#kb"}, "sk": {"S": "f1#g1#c"}}
    stub.add_response("scan", {"Items": [key]})
    stub.add_response("batch_write_item", {}, {"RequestItems": {TABLE: [{"DeleteRequest": {"Key": key}}]}})
    VectorTable(SPACE, TABLE).drop()
