"""Lambda entry of the WebSocket routes `$connect`, `$default` and `$disconnect`."""

import time
from typing import Any

from functions.realtime import service
from functions.realtime.handshake import Handshake
from shared.errors import DomainError
from shared.logs import logger
from shared.realtime import packets

Response = dict[str, Any]


def handler(event: dict[str, Any], context: object) -> Response:
    """Answers one route's event. A frame's answer is the body, which API Gateway sends to the client.

    No error leaves this function: the emulator would show its text to the client.
    """
    request, started = event["requestContext"], time.perf_counter()
    kind, connection_id = request["eventType"], request["connectionId"]
    try:
        response = _route(kind, connection_id, event)
    except Exception as error:  # noqa: BLE001 - logged; a client that waits for an answer asks again
        response = _failure(kind, connection_id, error)
    logger().info(
        "socket",
        extra={
            "route": kind,
            "connection_id": connection_id,
            "status": response["statusCode"],
            "milliseconds": round((time.perf_counter() - started) * 1000, 1),
            "request_id": request.get("requestId"),
        },
    )
    return response


def _route(kind: str, connection_id: str, event: dict[str, Any]) -> Response:
    if kind == "CONNECT":
        service.connect(connection_id, Handshake.of(event))
        return {"statusCode": 200}
    if kind == "DISCONNECT":
        service.disconnect(connection_id)
        return {"statusCode": 200}
    if event.get("isBase64Encoded"):
        service.refuse(connection_id)
        return {"statusCode": 200}
    return _frame(service.receive(connection_id, event.get("body") or ""))


def _failure(kind: str, connection_id: str, error: Exception) -> Response:
    if kind == "CONNECT" and isinstance(error, DomainError):
        return {"statusCode": int(error.status), "body": error.detail}
    logger().exception("unexpected error", extra={"route": kind, "connection_id": connection_id})
    return {"statusCode": 500} if kind == "CONNECT" else _frame(packets.NOOP)


def _frame(answer: str | None) -> Response:
    return {"statusCode": 200} if answer is None else {"statusCode": 200, "body": answer}
