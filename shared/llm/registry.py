"""The models of all connections: listed at once, kept a while, shared between functions through the platform table."""

import asyncio
import hashlib
import json
import time
import zlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PynamoDBException

from shared import sections
from shared.clock import now
from shared.errors import NotFound
from shared.llm.connections import Connection, ConnectionsSection
from shared.llm.errors import ProviderError, Trouble
from shared.llm.provider import Json, UpstreamModel
from shared.llm.providers import provider_for
from shared.logs import logger
from shared.storage.tables import Item, TableMeta

if TYPE_CHECKING:
    from shared.identity.sessions import Identity

LIST_SECONDS = 3.0
FRESH_SECONDS = 300
# A list with a connection missing from it is soon asked for anew.
TROUBLED_SECONDS = 15
KEPT_SECONDS = 24 * 3600
# A model that is not on the list may be new: the providers are asked again, but not for every wrong name.
UNKNOWN_SECONDS = 10
LARGEST_ITEM = 390_000
_OTHERS = ("babbage", "dall-e", "davinci", "embedding", "tts", "whisper")


@dataclass(frozen=True)
class Model:
    """A model that people can choose. `id` carries the connection's prefix, `upstream_id` is the provider's own."""

    id: str
    upstream_id: str
    name: str
    connection: int
    raw: Json

    def shown(self, connection: Connection) -> Json:
        """The contract's entry of /api/models; also OpenAI's `model` object."""
        config = connection.config
        return {
            **self.raw,
            "id": self.id,
            "name": self.name,
            "object": "model",
            "created": self.raw.get("created") or 0,
            "owned_by": "bedrock" if connection.is_bedrock else "openai",
            "openai": {**self.raw, "id": self.id},
            "urlIdx": self.connection,
            "connection_type": config.connection_type,
            "tags": [tag if isinstance(tag, dict) else {"name": str(tag)} for tag in config.tags],
        }


@dataclass(frozen=True)
class ConnectionTrouble:
    """A connection whose models could not be listed, and why."""

    connection: int
    url: str
    detail: str


@dataclass(frozen=True)
class Listing:
    """All models of one state of the connections; `fetched_at` in epoch seconds."""

    connections: tuple[Connection, ...]
    models: dict[str, Model] = field(default_factory=dict)
    troubles: tuple[ConnectionTrouble, ...] = ()
    fetched_at: int = 0

    def visible_to(self, identity: "Identity") -> list[Model]:
        """The models a person may use, without those that do not chat."""
        visible = [model for model in self.models.values() if self.connections[model.connection].visible_to(identity)]
        return [model for model in visible if _chats(model, self.connections[model.connection])]

    def route(self, model_id: str, identity: "Identity") -> tuple[Connection, Model]:
        """Where a model's requests go; raises `NotFound`, also when it is not for this person."""
        model = self.models.get(model_id)
        if model is None or not self.connections[model.connection].visible_to(identity):
            raise NotFound(f"Model not found: {model_id}. Pick another one from the list.")
        return self.connections[model.connection], model


def _chats(model: Model, connection: Connection) -> bool:
    """Whether a model is for conversations; OpenAI lists all its models and does not say which are."""
    others = _OTHERS if "api.openai.com" in connection.url else ("embed",) if connection.is_bedrock else ()
    return not any(word in model.upstream_id for word in others)


class ModelListItem(Item):
    """MODELS/LIST: the list as last fetched, for functions that start cold."""

    class Meta(metaclass=TableMeta):
        setting = "platform_table"

    fingerprint = UnicodeAttribute()
    fetched_at = NumberAttribute()
    data = BinaryAttribute(legacy_encoding=False)


class Registry:
    """This process's list of models. However many ask at once, the providers are asked once."""

    def __init__(self) -> None:
        self._known: tuple[str, Listing] | None = None
        self._fetching: tuple[asyncio.AbstractEventLoop, str, asyncio.Task[Listing]] | None = None

    async def listing(self, *, refresh: bool = False, seconds: int = FRESH_SECONDS) -> Listing:
        """The models, at most `seconds` old; asked for anew with `refresh` or after a change of connections."""
        section, stored = await asyncio.gather(asyncio.to_thread(sections.load, ConnectionsSection), self._stored())
        fingerprint = _fingerprint(section)
        if stored and stored[0] == fingerprint and not self._usable(fingerprint, seconds):
            self._known = (fingerprint, _read(section, stored[1]))
        known = self._usable(fingerprint, seconds)
        return known if known and not refresh else await self._fetch_once(section, fingerprint)

    async def route(self, model_id: str, identity: "Identity") -> tuple[Connection, Model]:
        """Where a model's requests go; raises `NotFound`.

        An older list will do while the model is on it, so that no answer waits for other providers.
        """
        listing = await self.listing(seconds=KEPT_SECONDS)
        if model_id not in listing.models and now() - listing.fetched_at > UNKNOWN_SECONDS:
            listing = await self.listing(refresh=True)
        return listing.route(model_id, identity)

    def forget(self) -> None:
        """Empties the process's list."""
        self._known = None

    def _usable(self, fingerprint: str, seconds: int) -> Listing | None:
        if not self._known or self._known[0] != fingerprint:
            return None
        listing = self._known[1]
        if listing.troubles and seconds <= FRESH_SECONDS:
            seconds = TROUBLED_SECONDS
        return listing if now() - listing.fetched_at < seconds else None

    async def _stored(self) -> tuple[str, ModelListItem] | None:
        """The shared list, for a process that has none, or an old one."""
        if self._known and now() - self._known[1].fetched_at < FRESH_SECONDS:
            return None
        return await asyncio.to_thread(_stored)

    async def _fetch_once(self, section: ConnectionsSection, fingerprint: str) -> Listing:
        loop, running = asyncio.get_running_loop(), self._fetching
        if running and running[0] is loop and running[1] == fingerprint and not running[2].done():
            return await asyncio.shield(running[2])
        task = loop.create_task(self._fetch(section, fingerprint))
        self._fetching = (loop, fingerprint, task)
        return await asyncio.shield(task)

    async def _fetch(self, section: ConnectionsSection, fingerprint: str) -> Listing:
        listing = await fetch(section)
        self._known = (fingerprint, listing)
        await asyncio.to_thread(_store, fingerprint, listing)
        return listing


registry = Registry()


async def fetch(section: ConnectionsSection) -> Listing:
    """Asks every enabled connection at once; one that does not answer in 3 s is reported, and delays nobody longer."""
    connections = section.connections if section.enable_openai_api else []
    answers = await asyncio.gather(*(models_of(connection) for connection in connections), return_exceptions=True)
    models: dict[str, Model] = {}
    troubles = []
    for index, (connection, answer) in enumerate(zip(connections, answers, strict=True)):
        if isinstance(answer, ProviderError):
            troubles.append(ConnectionTrouble(index, connection.url, answer.detail))
        elif isinstance(answer, BaseException):
            raise answer
        else:
            for model in answer:
                public = f"{connection.config.prefix_id}.{model.id}" if connection.config.prefix_id else model.id
                models.setdefault(public, Model(public, model.id, model.name, index, model.raw))
    return Listing(tuple(section.connections), models, tuple(troubles), now())


async def models_of(connection: Connection) -> list[UpstreamModel]:
    """The models one connection offers: its allow-list if it has one, the provider's list otherwise."""
    config = connection.config
    if not config.enable:
        return []
    if config.model_ids or config.azure:
        return [UpstreamModel(name, name, {"id": name, "object": "model"}) for name in config.model_ids]
    provider, started = provider_for(connection), time.monotonic()
    await provider.prepare()
    try:
        async with asyncio.timeout(LIST_SECONDS):
            return await provider.models()
    except TimeoutError as error:
        logger().warning("models not listed", extra={"url": connection.url, "seconds": time.monotonic() - started})
        raise ProviderError(Trouble.UNREACHABLE, f"{connection.url} did not answer within 3 seconds.") from error


def _fingerprint(section: ConnectionsSection) -> str:
    return hashlib.sha256(section.model_dump_json().encode()).hexdigest()


def _stored() -> tuple[str, ModelListItem] | None:
    try:
        item = ModelListItem.get("MODELS", "LIST")
    except ModelListItem.DoesNotExist:
        return None
    return None if item.expired else (item.fingerprint, item)


def _read(section: ConnectionsSection, item: ModelListItem) -> Listing:
    data: dict[str, Any] = json.loads(zlib.decompress(item.data))
    models = {entry["id"]: Model(**entry) for entry in data["models"]}
    troubles = tuple(ConnectionTrouble(**entry) for entry in data["troubles"])
    return Listing(tuple(section.connections), models, troubles, int(item.fetched_at))


def _store(fingerprint: str, listing: Listing) -> None:
    plain = {
        "models": [vars(model) for model in listing.models.values()],
        "troubles": [vars(t) for t in listing.troubles],
    }
    data = zlib.compress(json.dumps(plain).encode())
    if len(data) > LARGEST_ITEM:
        slim = [vars(replace(model, raw={"id": model.upstream_id})) for model in listing.models.values()]
        data = zlib.compress(json.dumps({**plain, "models": slim}).encode())
    item = ModelListItem("MODELS", "LIST", fingerprint=fingerprint, fetched_at=listing.fetched_at, data=data)
    item.expires_at = now() + KEPT_SECONDS
    try:
        item.save()
    except PynamoDBException as error:
        # Only the next cold start is slower for it.
        logger().warning("model list not stored", extra={"code": error.cause_response_code})
