"""A node of OpenSearch for tests, and a connection that refuses what OpenSearch Serverless has not."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from opensearchpy import OpenSearch

from infra.local.children import Child
from infra.local.opensearch.node import node
from infra.local.ports import HOST, free_port

_INDEX = r"/[a-z0-9][a-z0-9_-]*"
# https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-genref.html
ALLOWED = (
    ("PUT", rf"/_index_template{_INDEX}"),
    ("PUT", _INDEX),
    ("DELETE", _INDEX),
    ("GET", rf"{_INDEX}/_mapping"),
    ("POST", rf"{_INDEX}/(_search|_count|_bulk)"),
)
# What none of the requests may say, whatever the address.
REFUSED = ("script", "pipeline", "refresh_interval_forced", "upsert", "scroll")


class Narrow(OpenSearch):
    """Refuses every call that is not in the narrow set, and every id of our own making."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.asked: list[tuple[str, str]] = []
        perform = self.transport.perform_request

        def checked(method: str, url: str, params: Any = None, body: Any = None, **more: Any) -> Any:
            self.asked.append((method, url))
            assert any(method == verb and re.fullmatch(path, url) for verb, path in ALLOWED), f"{method} {url}"
            assert not params, f"{method} {url} with {params}"
            text = body if isinstance(body, str) else json.dumps(body or {})
            if url.endswith("/_bulk"):
                for line in text.splitlines():
                    action = json.loads(line)
                    assert "index" not in action or action == {"index": {}}, line
                    assert not action.keys() & {"update", "create"}, line
            elif not url.endswith("/_search"):
                assert not any(f'"{word}"' in text for word in REFUSED), text
            return perform(method, url, params=params, body=body, **more)

        self.transport.perform_request = checked


@contextmanager
def running() -> Iterator[tuple[str, Child]]:
    """A node with nothing in it, and its address."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="cirrus-opensearch-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        child = node(port, folder, folder / "node.log", heap="384m")
        try:
            child.start()
            yield f"http://{HOST}:{port}", child
        finally:
            child.stop()
