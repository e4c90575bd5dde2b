"""What a connection may do: open, prove who it is, send events, close."""

import json
from collections.abc import Callable
from typing import Any

from functions.realtime.handshake import Handshake
from shared.errors import DomainError, Invalid
from shared.identity.sessions import API_KEY_PREFIX, Identity, authenticate, session_user
from shared.identity.tokens import Claims
from shared.realtime import connections, gateway, packets, presence
from shared.realtime.connections import Connection
from shared.realtime.packets import Frame, Kind, Transport
from shared.settings import settings
from shared.storage.aws import lambda_client, sqs

ANONYMOUS_SECONDS = 60
_LONGEST_MODEL_ID = 512


def connect(connection_id: str, handshake: Handshake) -> None:
    """Lets a connection in and has it greeted; raises `Invalid` or `Forbidden` for one that must stay out."""
    handshake.check()
    identity = _identify(handshake.cookie_token())
    connections.opened(connection_id, _claims(identity) if identity else None)
    lambda_client().invoke(
        FunctionName=settings().require("greeter_function"),
        InvocationType="Event",
        Payload=json.dumps({"connection_id": connection_id}).encode(),
    )
    if identity is None:
        sqs().send_message(
            QueueUrl=settings().require("timers_queue_url"),
            MessageBody=json.dumps({"kind": "connection", "connection_id": connection_id}),
            DelaySeconds=ANONYMOUS_SECONDS,
        )


def disconnect(connection_id: str) -> None:
    """Forgets a connection that closed; API Gateway does not always tell."""
    connection = connections.find(connection_id)
    connections.forget(connection_id, connection.user_id if connection else None)


def receive(connection_id: str, text: str) -> str | None:
    """The frame that answers a client's frame (every one is answered); None when the connection was closed."""
    try:
        frame = packets.decode(text)
    except Invalid:
        refuse(connection_id)
        return None
    if frame.transport is Transport.PING:
        return packets.pong(frame.text)
    if frame.transport is Transport.CLOSE:
        _end(connections.find(connection_id), connection_id, told=False)
        return None
    if frame.transport is not Transport.MESSAGE:
        return packets.NOOP
    connection = connections.find(connection_id)
    if connection is None:
        # Past its time, or forgotten: a client that is still there connects again.
        _end(None, connection_id, told=False)
        return None
    if connection.user_id and connection.session_id and not session_user(connection.user_id, connection.session_id):
        _end(connection, connection_id, told=True)
        return None
    return _message(connection, frame)


def refuse(connection_id: str) -> None:
    """Closes a connection whose client does not speak the protocol, so that it stays away."""
    _end(connections.find(connection_id), connection_id, told=True)


def _message(connection: Connection, frame: Frame) -> str | None:
    if frame.kind is Kind.CONNECT:
        return _connect_packet(connection, frame)
    if frame.kind is Kind.EVENT:
        return _event(connection, frame)
    if frame.kind is Kind.DISCONNECT:
        _end(connection, connection.connection_id, told=False)
        return None
    if frame.kind is Kind.ACK:
        return packets.NOOP
    refuse(connection.connection_id)
    return None


def _connect_packet(connection: Connection, frame: Frame) -> str | None:
    if frame.namespace != "/":
        return packets.refused(frame.namespace, "Invalid namespace")
    identity = _identify(_text(frame.data, "token"))
    if identity:
        claims = _claims(identity)
    elif connection.user_id and connection.session_id:
        claims = Claims(connection.user_id, connection.session_id, connection.expires_at)
    else:
        return packets.connected(connection.connection_id)
    return packets.connected(connection.connection_id) if _join(connection, claims) else None


def _event(connection: Connection, frame: Frame) -> str | None:
    if frame.namespace != "/" or not isinstance(frame.data, list) or not frame.data:
        refuse(connection.connection_id)
        return None
    name, data = frame.data[0], frame.data[1] if len(frame.data) > 1 else None
    # Events of other domains (channels, notes) and unknown ones are acknowledged and do nothing.
    react = _EVENTS.get(name) if isinstance(name, str) else None
    answer = react(connection, data) if react else ()
    if answer is None:
        return None
    return packets.NOOP if frame.ack_id is None else packets.ack(frame.ack_id, *answer)


def _user_join(connection: Connection, data: object) -> tuple[object, ...] | None:
    identity = _identify(_text(data.get("auth") if isinstance(data, dict) else None, "token"))
    if identity is None:
        return ()
    claims = _claims(identity)
    known = (connection.user_id, connection.session_id) == (claims.user_id, claims.session_id)
    if not known and not _join(connection, claims):
        return None
    return ({"id": identity.id, "name": identity.user.name},)


def _usage(connection: Connection, data: object) -> tuple[object, ...]:
    model = _text(data, "model")
    if connection.user_id and model and len(model) <= _LONGEST_MODEL_ID:
        presence.note_usage(model)
    return ()


# An event's values for the acknowledgement, or None when the connection was closed.
_EVENTS: dict[str, Callable[[Connection, Any], tuple[object, ...] | None]] = {
    "user-join": _user_join,
    "usage": _usage,
}


def _join(connection: Connection, claims: Claims) -> bool:
    """Whether the connection is now in its user's room; when the session ended meanwhile, it is closed."""
    if not connections.join(connection, claims):
        _end(connection, connection.connection_id, told=False)
        return False
    if session_user(claims.user_id, claims.session_id):
        return True
    connections.forget(connection.connection_id, claims.user_id)
    gateway.close(connection.connection_id, told=True)
    return False


def _end(connection: Connection | None, connection_id: str, *, told: bool) -> None:
    connections.forget(connection_id, connection.user_id if connection else None)
    gateway.close(connection_id, told=told)


def _identify(token: str | None) -> Identity | None:
    """Whose session the token is. An API key is for requests; it has no session that could end a socket."""
    if not token or token.startswith(API_KEY_PREFIX):
        return None
    try:
        return authenticate(token)
    except DomainError:
        return None


def _claims(identity: Identity) -> Claims:
    return Claims(identity.id, identity.session_id or "", identity.expires_at)


def _text(data: object, key: str) -> str | None:
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, str) else None
