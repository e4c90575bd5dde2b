"""What is OpenSearch's own: a node that is away for a while, an index that somebody else has made, its engine."""

import pytest

from infra.local.children import Child
from shared.errors import Upstream
from shared.search.opensearch import adapter, mapping
from shared.search.opensearch import client as module
from shared.search.protocol import Query, Space
from tests.contract.index.conftest import chunk, opensearch_index
from tests.support.opensearch import Narrow


def test_a_node_that_was_away_has_everything_when_it_is_back(
    opensearch: Narrow, node: tuple[str, Child], space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = opensearch_index(space, opensearch)
    index.write("kb", [chunk("a", "the warranty")])
    _, process = node
    process.stop()
    monkeypatch.setattr(module, "_PAUSE_SECONDS", 0.01)
    with pytest.raises(Upstream, match="does not answer"):
        index.search(Query(("kb",), "warranty"))
    with pytest.raises(Upstream, match="does not answer"):
        index.write("kb", [chunk("b", "the refund")])
    process.start()
    monkeypatch.setattr(module, "_PAUSE_SECONDS", 0.5)
    index.write("kb", [chunk("a", "the warranty"), chunk("b", "the refund")])
    assert index.count("kb") == 2
    index.drop()


def test_an_index_that_was_dropped_elsewhere_is_made_again_as_it_was(opensearch: Narrow, space: Space) -> None:
    index = opensearch_index(space, opensearch)
    index.write("kb", [chunk("a", "the warranty")])
    opensearch_index(space, opensearch)._client.drop()
    adapter._made.add(index._key)  # as another process has it, which does not know
    index.write("kb", [chunk("b", "the warranties")])
    assert [hit.entry.id for hit in index.search(Query(("kb",), "warranty"))] == ["b"]
    index.drop()


@pytest.mark.parametrize("engine", ["lucene", "faiss"])
@pytest.mark.parametrize("serverless", [False, True])
def test_the_engine_is_always_named(engine: str, serverless: bool) -> None:
    body = mapping.index_body(8, engine, serverless=serverless)
    assert body["mappings"]["properties"]["vector"]["method"]["engine"] == engine
    assert ("index.refresh_interval" in body["settings"]) is not serverless
    assert "vector" not in mapping.index_body(None, engine, serverless=serverless)["mappings"]["properties"]
