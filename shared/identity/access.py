"""Who else may read or write a thing that somebody owns (contract: the field `access_control`)."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Any, Protocol

from pydantic import ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

from shared.deferred import Deferred

Ids = Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=2000)]


class Person(Protocol):
    """Whoever asks, as `shared.identity.sessions.Identity` is one."""

    @property
    def id(self) -> str: ...

    @property
    def is_admin(self) -> bool: ...

    @property
    def group_ids(self) -> Collection[str]: ...


@dataclass(frozen=True)
class Reader:
    """Somebody on whose behalf something is read outside of their request."""

    id: str
    is_admin: bool = False
    group_ids: frozenset[str] = frozenset()


class _Sparse(Deferred):
    """Keeps what came, unknown fields too, and adds nothing: `{}` stays `{}`."""

    model_config = ConfigDict(extra="allow")

    @model_serializer(mode="wrap")
    def _only_what_came(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in handler(self).items() if name in self.model_fields_set}


class AccessRule(_Sparse):
    """People and groups."""

    user_ids: Ids = Field(default_factory=list)
    group_ids: Ids = Field(default_factory=list)

    def names(self, user: Person) -> bool:
        """Whether the person, or a group of theirs, is among them."""
        return user.id in self.user_ids or not set(self.group_ids).isdisjoint(user.group_ids)


class AccessControl(_Sparse):
    """Who may read, who may write. None in its place: everybody signed in reads; empty: the owner and admins only."""

    read: AccessRule | None = None
    write: AccessRule | None = None


def may_read(user: Person, owner_id: str, access: AccessControl | None) -> bool:
    """Whether the person may see and use the thing. Whoever may write may read."""
    if access is None or may_write(user, owner_id, access):
        return True
    return access.read is not None and access.read.names(user)


def may_write(user: Person, owner_id: str, access: AccessControl | None) -> bool:
    """Whether the person may change and delete the thing: its owner, admins, and whom `access` names."""
    if user.is_admin or user.id == owner_id:
        return True
    return access is not None and access.write is not None and access.write.names(user)
