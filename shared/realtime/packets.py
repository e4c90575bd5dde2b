"""Engine.IO 4 and Socket.IO 5 packets as text frames (https://socket.io/docs/v4/socket-io-protocol/).

The libraries' packet modules are imported alone: their packages pull in clients and servers that no Lambda needs, and
take ten times as long.
"""

import importlib
import importlib.util
import json
import sys
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from shared.errors import Invalid


def _packet_module(package: str) -> Any:
    """`<package>.packet` without running `<package>/__init__.py`."""
    absent = [name for name in ("engineio", package) if name not in sys.modules]
    for name in absent:
        spec = importlib.util.find_spec(name)
        if spec is None:
            raise ModuleNotFoundError(name)
        sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        return importlib.import_module(f"{package}.packet")
    finally:
        for name in absent:
            sys.modules.pop(name, None)


class _Json:
    """JSON as short as it goes: clients count the bytes. Reads like the library's own (bounded integers)."""

    @staticmethod
    def dumps(value: Any, **_: Any) -> str:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)

    @staticmethod
    def loads(text: str) -> Any:
        return _engineio.Packet.json.loads(text)


_engineio = _packet_module("engineio")
_socketio = _packet_module("socketio")


class _Packet(_socketio.Packet):  # type: ignore[misc,name-defined]
    json = _Json
    uses_binary_events = False


class Transport(IntEnum):
    """Engine.IO packet types."""

    OPEN = 0
    CLOSE = 1
    PING = 2
    PONG = 3
    MESSAGE = 4
    UPGRADE = 5
    NOOP = 6


class Kind(IntEnum):
    """Socket.IO packet types."""

    CONNECT = 0
    DISCONNECT = 1
    EVENT = 2
    ACK = 3
    CONNECT_ERROR = 4
    BINARY_EVENT = 5
    BINARY_ACK = 6


NOOP = str(int(Transport.NOOP))


@dataclass(frozen=True)
class Frame:
    """One decoded frame. `kind`, `namespace`, `data` and `ack_id` belong to messages; `text` to the other packets."""

    transport: Transport
    text: str = ""
    kind: Kind | None = None
    namespace: str = "/"
    data: Any = None
    ack_id: int | None = None


def decode(text: str) -> Frame:
    """The packet in a text frame; raises `Invalid` for anything that is none, and for binary."""
    try:
        outer = _engineio.Packet(encoded_packet=text)
        if outer.binary:
            raise Invalid("Binary frames are not accepted.")
        transport = Transport(outer.packet_type)
        if transport is not Transport.MESSAGE:
            return Frame(transport, text=text[1:])
        packet = _Packet(encoded_packet=text[1:])
        kind = Kind(packet.packet_type)
    except (ValueError, RecursionError) as error:
        raise Invalid("The frame is not a Socket.IO packet.") from error
    if len(text) < 2 or packet.attachment_count or kind in (Kind.BINARY_EVENT, Kind.BINARY_ACK):
        raise Invalid("The frame is not a Socket.IO packet this server accepts.")
    return Frame(transport, "", kind, packet.namespace or "/", packet.data, packet.id)


def opening(sid: str, *, ping_interval: int, ping_timeout: int, max_payload: int) -> str:
    """The packet that opens a transport; intervals in milliseconds, `max_payload` in bytes."""
    handshake = {
        "sid": sid,
        "upgrades": [],
        "pingTimeout": ping_timeout,
        "pingInterval": ping_interval,
        "maxPayload": max_payload,
    }
    return str(_engineio.Packet(Transport.OPEN.value, handshake).encode())


def pong(text: str) -> str:
    """The answer to a ping that carried `text`."""
    return f"{int(Transport.PONG)}{text}"


def connected(sid: str) -> str:
    """The answer to a connect packet of the main namespace."""
    return _message(Kind.CONNECT, {"sid": sid})


def refused(namespace: str, reason: str) -> str:
    """The answer to a connect packet that is not granted."""
    return _message(Kind.CONNECT_ERROR, {"message": reason}, namespace)


def disconnect() -> str:
    """The packet that ends a Socket.IO connection from the server's side; stock clients then stay away."""
    return _message(Kind.DISCONNECT, None)


def event(name: str, data: Any) -> str:
    """An event for the client."""
    return _message(Kind.EVENT, [name, data])


def ack(ack_id: int, *values: Any) -> str:
    """The acknowledgement a client asked for."""
    return _message(Kind.ACK, list(values), ack_id=ack_id)


def _message(kind: Kind, data: Any, namespace: str = "/", ack_id: int | None = None) -> str:
    packet = _Packet(kind.value, data, namespace=namespace, id=ack_id, binary=False)
    return f"{int(Transport.MESSAGE)}{packet.encode()}"
