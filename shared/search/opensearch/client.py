"""The few requests that the index makes, signed or not, with what may pass tried again."""

import json
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from shared.errors import Upstream
from shared.logs import logger
from shared.search.protocol import Waking
from shared.settings import Settings
from shared.storage.aws import credentials, secretsmanager

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

Body = Mapping[str, Any]

_TIMEOUT_SECONDS = 30.0
_ATTEMPTS = 5
_PAUSE_SECONDS = 0.2
# Somebody waits: after that a request is not made again.
_PATIENCE_SECONDS = 10.0
# Refused for now: too many requests, or a server that is not there yet.
_PASSING = (429, 502, 503, 504)


class Client:
    """Requests on one index; each raises `Waking` or `Upstream` when OpenSearch does not answer in time."""

    def __init__(self, connection: "OpenSearch", index: str, *, serverless: bool) -> None:
        self.connection, self.index, self._serverless = connection, index, serverless

    def make(self, body: Body) -> None:
        """Makes the index, and the template by which it would be made again. Of several processes one is first."""
        template = {"index_patterns": [self.index], "template": body, "priority": 100}
        self._ask("PUT", f"/_index_template/{self.index}", template)
        if not self._ask("GET", f"/{self.index}/_mapping", fine=(404,)):
            self._ask("PUT", f"/{self.index}", body, fine=(400,))
            if not self._ask("GET", f"/{self.index}/_mapping", fine=(404,)):
                raise Upstream(f"OpenSearch did not make the index {self.index}.")

    def drop(self) -> None:
        """Deletes the index, if there is one."""
        self._ask("DELETE", f"/{self.index}", fine=(404,))

    def search(self, body: Body) -> list[dict[str, Any]]:
        """What a search hits; nothing where there is no index."""
        found = self._ask("POST", f"/{self.index}/_search", body, fine=(404,))
        return list(found["hits"]["hits"]) if found else []

    def count(self, query: Body) -> int:
        """How many documents a query has."""
        found = self._ask("POST", f"/{self.index}/_count", {"query": query}, fine=(404,))
        return int(found["count"]) if found else 0

    def bulk(self, actions: Sequence[tuple[Body, Body | None]]) -> None:
        """Carries out actions; what is refused for now is tried again, alone. Raises `Upstream` for what stays refused.

        Deleting what is not there is no error.
        """
        left = list(actions)
        for attempt in range(_ATTEMPTS):
            if not left:
                return
            time.sleep(_PAUSE_SECONDS * (2**attempt - 1))
            lines = "\n".join(json.dumps(part) for action in left for part in action if part is not None)
            answer = self._ask("POST", f"/{self.index}/_bulk", f"{lines}\n", once=True)
            results = [next(iter(item.values())) for item in answer.get("items", [])]
            refused = [(action, result) for action, result in zip(left, results, strict=True) if _refused(result)]
            for _, result in refused:
                if result["status"] not in _PASSING:
                    raise Upstream(f"OpenSearch did not take a chunk: {_reason(result)}")
            left = [action for action, _ in refused]
        if left:
            raise Upstream(f"OpenSearch is too busy to take {len(left)} of {len(actions)} chunks: try again later.")

    def _ask(
        self, method: str, path: str, body: Body | str | None = None, *, fine: tuple[int, ...] = (), once: bool = False
    ) -> Any:
        """What is answered; None where the status is one of `fine`.

        `once`: not tried again when it is not known whether it was carried out.
        """
        from opensearchpy.exceptions import ConnectionError, TransportError

        started = time.monotonic()
        for attempt in range(_ATTEMPTS):
            time.sleep(_PAUSE_SECONDS * (2**attempt - 1))
            try:
                return self.connection.transport.perform_request(method, path, body=body)
            except TransportError as error:
                unknown = isinstance(error, ConnectionError)  # and time-outs
                failure, status = error, 0 if unknown else int(error.status_code)
                if status in fine:
                    return None
                if not unknown and status not in _PASSING:
                    raise Upstream(f"OpenSearch answered {status}: {error.error}") from error
            if (once and unknown) or time.monotonic() - started > _PATIENCE_SECONDS:
                break
        logger().warning("OpenSearch does not answer", extra={"status": status, "path": path})
        raise self._away() from failure

    def _away(self) -> Exception:
        if self._serverless:
            return Waking()
        return Upstream("OpenSearch does not answer. Try again in a minute, or tell an administrator.")


def connect(settings: Settings) -> "OpenSearch":
    """A connection to the stage's OpenSearch, which is kept open."""
    from opensearchpy import OpenSearch, Urllib3AWSV4SignerAuth

    auth: Any = None
    if settings.search_sign:
        auth = Urllib3AWSV4SignerAuth(credentials(), settings.aws_region, settings.search_sign)
    elif settings.search_secret_id:
        secret = json.loads(secretsmanager().get_secret_value(SecretId=settings.search_secret_id)["SecretString"])
        auth = (secret["username"], secret["password"])
    address = urlsplit(settings.require("search_endpoint"))
    secure = address.scheme == "https"
    return OpenSearch(
        hosts=[{"host": address.hostname, "port": address.port or (443 if secure else 80)}],
        http_auth=auth,
        use_ssl=secure,
        verify_certs=secure,
        timeout=_TIMEOUT_SECONDS,
        max_retries=0,
        pool_maxsize=16,
    )


def _refused(result: Mapping[str, Any]) -> bool:
    return int(result["status"]) >= 300 and int(result["status"]) != 404


def _reason(result: Mapping[str, Any]) -> str:
    error = result.get("error") or {}
    return str(error.get("reason", error) if isinstance(error, dict) else error)
