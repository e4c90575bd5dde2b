"""Lambda entry of the greeter: sends a new connection the packet that opens it.

A `$connect` handler cannot post to its own connection, which exists only once that handler has returned: this is
invoked beside it and tries until the connection is there.
"""

import time
from typing import Any

from shared.logs import logger
from shared.realtime import gateway, packets
from shared.realtime.frames import FRAME_LIMIT
from shared.realtime.gateway import Posted

# Nobody is there to send pings on a timer, so the first would be due after the connection's two hours are over;
# browsers' timers take less than 2^31 ms.
PING_INTERVAL_MILLISECONDS = 7_500_000
PING_TIMEOUT_MILLISECONDS = 20_000

PATIENCE_SECONDS = 10.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.005, 0.25


def handler(event: dict[str, Any], context: object) -> None:
    """Greets `event["connection_id"]`; gives up when it does not appear within `PATIENCE_SECONDS`."""
    connection_id = event["connection_id"]
    frame = packets.opening(
        connection_id,
        ping_interval=PING_INTERVAL_MILLISECONDS,
        ping_timeout=PING_TIMEOUT_MILLISECONDS,
        max_payload=FRAME_LIMIT,
    ).encode()
    started, pause = time.monotonic(), FIRST_PAUSE_SECONDS
    outcome = gateway.post(connection_id, frame)
    while outcome is Posted.GONE and time.monotonic() - started < PATIENCE_SECONDS:
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        outcome = gateway.post(connection_id, frame)
    logger().info(
        "greeted",
        extra={
            "connection_id": connection_id,
            "outcome": outcome.value,
            "milliseconds": round((time.monotonic() - started) * 1000, 1),
        },
    )
