"""Opens the stage's index."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from shared.search.protocol import Index, Space
from shared.settings import MissingSetting, settings

if TYPE_CHECKING:
    from opensearchpy import OpenSearch


def index(space: Space) -> Index:
    """The index of a space, wherever this stage keeps it. An adapter's libraries are imported when it is the one."""
    backend = settings().search_backend
    if backend == "embedded":
        return _embedded(space)
    if backend == "opensearch":
        return _opensearch(space)
    if backend == "dynamodb":
        from shared.search.dynamodb import VectorTable

        return VectorTable(space, settings().require("vectors_table"))
    raise MissingSetting(f"SEARCH_BACKEND is {backend!r}, not embedded, opensearch or dynamodb")


def _embedded(space: Space) -> Index:
    from shared.search.embedded.adapter import Embedded
    from shared.search.embedded.files import Files
    from shared.search.embedded.shelves import Shelves

    folder = settings().search_folder
    return Embedded(space, Files(space, Path(folder)) if folder else Shelves(space))


def _opensearch(space: Space) -> Index:
    from shared.search.names import plain
    from shared.search.opensearch.adapter import OpenSearchIndex
    from shared.search.opensearch.client import Client

    serverless = settings().search_sign == "aoss"
    client = Client(_connection(), f"cirrus-{plain(space.id)}", serverless=serverless)
    return OpenSearchIndex(space, client, settings().search_engine, serverless=serverless)


@cache
def _connection() -> "OpenSearch":
    from shared.search.opensearch.client import connect

    return connect(settings())
