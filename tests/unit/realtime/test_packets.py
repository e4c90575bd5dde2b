import subprocess
import sys

import pytest

from shared.errors import Invalid
from shared.realtime import packets
from shared.realtime.packets import Kind, Transport


def test_an_event_reads_back_as_what_was_sent() -> None:
    frame = packets.decode(
        packets.event("events", {"chat_id": "c", "data": {"type": "chat:title", "data": "Grüße 🙂"}})
    )
    assert (frame.transport, frame.kind, frame.ack_id) == (Transport.MESSAGE, Kind.EVENT, None)
    assert frame.data == ["events", {"chat_id": "c", "data": {"type": "chat:title", "data": "Grüße 🙂"}}]


def test_text_is_not_escaped_so_that_frames_stay_short() -> None:
    assert packets.event("e", "Grüße") == '42["e","Grüße"]'


@pytest.mark.parametrize(
    ("text", "kind", "namespace", "data", "ack_id"),
    [
        ("40", Kind.CONNECT, "/", None, None),
        ('40{"token":"t"}', Kind.CONNECT, "/", {"token": "t"}, None),
        ('40/admin,{"a":1}', Kind.CONNECT, "/admin", {"a": 1}, None),
        ("41", Kind.DISCONNECT, "/", None, None),
        ('42["usage",{"model":"m"}]', Kind.EVENT, "/", ["usage", {"model": "m"}], None),
        ('4217["heartbeat"]', Kind.EVENT, "/", ["heartbeat"], 17),
        ('431[{"stdout":""}]', Kind.ACK, "/", [{"stdout": ""}], 1),
    ],
)
def test_messages_of_clients_are_understood(
    text: str, kind: Kind, namespace: str, data: object, ack_id: int | None
) -> None:
    frame = packets.decode(text)
    assert (frame.kind, frame.namespace, frame.data, frame.ack_id) == (kind, namespace, data, ack_id)


@pytest.mark.parametrize(
    ("text", "transport", "rest"),
    [
        ("2", Transport.PING, ""),
        ("2probe", Transport.PING, "probe"),
        ("3", Transport.PONG, ""),
        ("1", Transport.CLOSE, ""),
    ],
)
def test_transport_packets_are_understood(text: str, transport: Transport, rest: str) -> None:
    frame = packets.decode(text)
    assert (frame.transport, frame.text) == (transport, rest)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "9",
        "4",
        "49",
        "42[",
        '42["a"',
        "4" + "[" * 30_000,
        "42" + "[" * 30_000,
        "42[" + "9" * 5_000 + "]",
        "42" + "1" * 200 + "[]",
        '451-["a",{"_placeholder":true,"num":0}]',
        '461-1["a"]',
        "bAQID",
        "²",
    ],
)
def test_what_is_no_text_packet_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        packets.decode(text)


def test_the_handshake_is_what_clients_expect() -> None:
    opening = packets.opening("s", ping_interval=7_500_000, ping_timeout=20_000, max_payload=32_768)
    assert opening == '0{"sid":"s","upgrades":[],"pingTimeout":20000,"pingInterval":7500000,"maxPayload":32768}'
    assert packets.connected("s") == '40{"sid":"s"}'
    assert packets.refused("/admin", "no") == '44/admin,{"message":"no"}'
    assert packets.disconnect() == "41"
    assert packets.ack(0) == "430[]"
    assert packets.ack(12, {"id": "u"}) == '4312[{"id":"u"}]'
    assert packets.pong("probe") == "3probe"


def test_only_the_packet_modules_of_the_libraries_are_imported() -> None:
    script = (
        "import sys, shared.realtime.packets; "
        "print(*sorted(m for m in sys.modules if m.split('.')[0] in ('engineio', 'socketio')))"
    )
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert loaded == ["engineio.json", "engineio.packet", "socketio.packet"]


def test_the_whole_libraries_still_import_afterwards() -> None:
    script = "import shared.realtime.packets, socketio, engineio; print(socketio.AsyncClient, engineio.Client)"
    subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
