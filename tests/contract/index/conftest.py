"""Each index that there is, in a space of its own: the same tests run over all of them."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infra.local.children import Child
from shared.search.embedded.adapter import Embedded
from shared.search.embedded.files import Files
from shared.search.embedded.shelves import Shelves
from shared.search.names import plain
from shared.search.opensearch.adapter import OpenSearchIndex
from shared.search.opensearch.client import Client, connect
from shared.search.protocol import Entry, Index, Space
from shared.settings import Settings
from tests.support.opensearch import Narrow, running

DIMENSION = 12

Opener = Callable[[Space], Index]


@pytest.fixture(params=["files", "shelves", "opensearch"])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    """Opens a space, as often as a test likes."""
    if request.param == "files":
        yield lambda space: Embedded(space, Files(space, tmp_path))
    elif request.param == "opensearch":
        connection = request.getfixturevalue("opensearch")
        yield lambda space: opensearch_index(space, connection)
    else:
        request.getfixturevalue("emulator")
        yield lambda space: Embedded(space, Shelves(space))


@pytest.fixture(scope="session")
def node() -> Iterator[tuple[str, Child]]:
    """A node of OpenSearch: its address and its process."""
    with running() as made:
        yield made


@pytest.fixture(scope="session")
def opensearch(node: tuple[str, Child]) -> Iterator[Narrow]:
    """A connection to the node that refuses what OpenSearch Serverless has not."""
    url, _ = node
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("opensearchpy.OpenSearch", Narrow)
        connection = connect(Settings(search_endpoint=url))
        assert isinstance(connection, Narrow)
        yield connection


def opensearch_index(space: Space, connection: Narrow) -> OpenSearchIndex:
    """The index of a space on the node."""
    client = Client(connection, f"cirrus-{plain(space.id)}", serverless=False)
    return OpenSearchIndex(space, client, "lucene", serverless=False)


@pytest.fixture
def space() -> Space:
    return Space(f"test-{uuid.uuid4().hex[:12]}", DIMENSION)


@pytest.fixture
def index(opener: Opener, space: Space) -> Iterator[Index]:
    """An empty index."""
    opened = opener(space)
    yield opened
    opened.drop()


def axis(*weights: float) -> list[float]:
    """A vector with these first coordinates."""
    return [*weights, *([0.0] * (DIMENSION - len(weights)))]


def chunk(id: str, text: str, vector: list[float] | None = None, **more: object) -> Entry:
    """A chunk of file `f1`, unless `more` names another; what else it says is metadata."""
    file_id, generation = str(more.pop("file_id", "f1")), str(more.pop("generation", "g1"))
    return Entry(id, file_id, generation, 0, text, more, vector or axis(0.0, 0.0, 0.0, 1.0))
