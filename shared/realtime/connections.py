"""Who is connected: one item per connection, one per connection and room, all gone two hours after connecting.

CONN#<connection id>/CONN · ROOM#user:<user id>/CONN#<connection id>
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from shared.clock import now
from shared.identity.tokens import Claims
from shared.realtime import gateway
from shared.storage.tables import ByList, Item, TableMeta, delete_all, fetch_together, written

# API Gateway ends a connection after two hours, whatever it does.
LIFETIME_SECONDS = 2 * 3600

ACTIVE = "ACTIVE"


class ConnectionItem(Item):
    """CONN#<connection id>/CONN: an open socket, anonymous until a valid token came."""

    class Meta(metaclass=TableMeta):
        setting = "realtime_table"

    user_id = UnicodeAttribute(null=True)
    session_id = UnicodeAttribute(null=True)
    connected_at = NumberAttribute()

    @staticmethod
    def key(connection_id: str) -> tuple[str, str]:
        """The connection's (pk, sk)."""
        return f"CONN#{connection_id}", "CONN"


class RoomItem(Item):
    """ROOM#user:<user id>/CONN#<connection id>: a connection that gets the user's events; listed as presence."""

    class Meta(metaclass=TableMeta):
        setting = "realtime_table"

    session_id = UnicodeAttribute()
    gsi1pk = UnicodeAttribute(null=True)
    gsi1sk = UnicodeAttribute(null=True)
    by_list = ByList()

    @staticmethod
    def partition(user_id: str) -> str:
        """The partition key of a user's room."""
        return f"ROOM#user:{user_id}"

    @classmethod
    def key(cls, user_id: str, connection_id: str) -> tuple[str, str]:
        """The membership's (pk, sk)."""
        return cls.partition(user_id), f"CONN#{connection_id}"

    @property
    def connection_id(self) -> str:
        """The connection that is in the room."""
        return self.sk.removeprefix("CONN#")


@dataclass(frozen=True)
class Connection:
    """An open socket; `user_id` and `session_id` are None while it is anonymous."""

    connection_id: str
    user_id: str | None
    session_id: str | None
    expires_at: int


def opened(connection_id: str, claims: Claims | None) -> None:
    """Notes a new connection, of whom the cookie's token proved or of nobody yet. It is in no room."""
    connected_at = now()
    item = ConnectionItem(*ConnectionItem.key(connection_id), connected_at=connected_at)
    item.expires_at = _end(connected_at + LIFETIME_SECONDS, claims)
    if claims:
        item.user_id, item.session_id = claims.user_id, claims.session_id
    item.save()


def find(connection_id: str) -> Connection | None:
    """The connection, or None when it is unknown or past its time."""
    (item,) = fetch_together((ConnectionItem, *ConnectionItem.key(connection_id)))
    if not isinstance(item, ConnectionItem) or item.expires_at is None:
        return None
    return Connection(connection_id, item.user_id, item.session_id, int(item.expires_at))


def join(connection: Connection, claims: Claims) -> bool:
    """Puts a connection into its user's room; it leaves the room of whoever it belonged to before.

    False when the connection ended meanwhile. Whoever calls checks the session once more afterwards: a session that
    ends while its socket joins is then seen either here or by `of_user`.
    """
    if connection.user_id and connection.user_id != claims.user_id:
        delete_all(RoomItem, [RoomItem.key(connection.user_id, connection.connection_id)])
    ends = _end(connection.expires_at, claims)
    joins = (connection.user_id, connection.session_id) != (claims.user_id, claims.session_id)
    if joins and not written(
        ConnectionItem(*ConnectionItem.key(connection.connection_id)).update,
        actions=[
            ConnectionItem.user_id.set(claims.user_id),
            ConnectionItem.session_id.set(claims.session_id),
            ConnectionItem.expires_at.set(ends),
        ],
        condition=ConnectionItem.pk.exists(),
    ):
        return False
    room = RoomItem(*RoomItem.key(claims.user_id, connection.connection_id), session_id=claims.session_id)
    room.expires_at = ends
    room.gsi1pk, room.gsi1sk = ACTIVE, f"{claims.user_id}#{connection.connection_id}"
    room.save()
    return True


def of_user(user_id: str) -> list[RoomItem]:
    """The user's connections that are not past their time, by one consistent query."""
    stored = RoomItem.query(RoomItem.partition(user_id), RoomItem.sk.startswith("CONN#"), consistent_read=True)
    return [item for item in stored if not item.expired]


def forget(connection_id: str, user_id: str | None) -> None:
    """Deletes what is stored of a connection."""
    keys = [ConnectionItem.key(connection_id)]
    if user_id:
        keys.append(RoomItem.key(user_id, connection_id))
    delete_all(ConnectionItem, keys)


def close_if_anonymous(connection_id: str) -> bool:
    """Closes a connection that nobody signed in on; whether it was one. Who signs in just then is either in or out."""
    if not written(
        ConnectionItem(*ConnectionItem.key(connection_id)).delete,
        condition=ConnectionItem.pk.exists() & ConnectionItem.user_id.does_not_exist(),
    ):
        return False
    gateway.close(connection_id, told=True)
    return True


def disconnect_user(user_id: str, *, session_id: str | None = None, keep_session: str | None = None) -> int:
    """Ends a user's sockets: all, those of one session, or all but those of `keep_session`; how many there were.

    End the session itself first. Returns once API Gateway has closed them.
    """
    ended = [
        item.connection_id
        for item in of_user(user_id)
        if (session_id is None or item.session_id == session_id) and item.session_id != keep_session
    ]
    if not ended:
        return 0
    delete_all(ConnectionItem, [ConnectionItem.key(connection_id) for connection_id in ended])
    delete_all(RoomItem, [RoomItem.key(user_id, connection_id) for connection_id in ended])
    if len(ended) == 1:
        gateway.close(ended[0], told=True)
    else:
        with ThreadPoolExecutor(min(len(ended), 8)) as pool:
            list(pool.map(lambda connection_id: gateway.close(connection_id, told=True), ended))
    return len(ended)


def _end(latest: int, claims: Claims | None) -> int:
    return min(latest, claims.expires_at) if claims and claims.expires_at else latest
