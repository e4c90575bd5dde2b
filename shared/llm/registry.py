"""The models of all connections: listed at once, kept a while, shared between functions through the platform table."""

import asyncio
import hashlib
import json
import random
import time
import zlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PynamoDBException

from shared import json_input, sections
from shared.clock import now
from shared.errors import DomainError, NotFound
from shared.llm import http
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
LISTED_AS = 2
"""The shape of a stored list; another one when it changes."""
# What the catalog says of a model, whatever a provider means by it.
_CATALOGS = frozenset({"actions", "arena", "filters", "info", "missing_base", "preset"})
_OTHERS = ("babbage", "dall-e", "davinci", "embedding", "tts", "whisper")


@dataclass(frozen=True)
class Model:
    """A model that people can choose. `id` carries the connection's prefix, `upstream_id` is the provider's own."""

    id: str
    upstream_id: str
    name: str
    connection: int
    raw: Json
    also: tuple[int, ...] = ()
    """Other connections that have it: servers of Ollama."""

    def shown(self, connection: Connection, offset: int = 0) -> Json:
        """The contract's entry of /api/models; also OpenAI's `model` object.

        In the contract the servers of Ollama are counted by themselves, from `offset` on.
        """
        config, kind = connection.config, connection.kind
        owner = "openai" if kind == "azure" else kind
        raw = {name: value for name, value in self.raw.items() if name not in _CATALOGS}
        created = raw.get("created")
        urls = [index - offset for index in (self.connection, *self.also)]
        own = {"model": self.id, "urls": urls} if kind == "ollama" else {"id": self.id}
        return {
            **raw,
            "id": self.id,
            "name": self.name,
            "object": "model",
            "created": created if isinstance(created, int) else 0,
            "owned_by": owner,
            owner if kind == "ollama" else "openai": {**raw, **own},
            "urlIdx": urls[0] if kind == "ollama" else self.connection,
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
    """All models of one state of the connections; `fetched_at` in epoch seconds.

    Connections from index `first_ollama` on are servers of Ollama.
    """

    connections: tuple[Connection, ...]
    first_ollama: int = 0
    models: dict[str, Model] = field(default_factory=dict)
    troubles: tuple[ConnectionTrouble, ...] = ()
    fetched_at: int = 0

    def visible_to(self, identity: "Identity") -> list[Model]:
        """The models a person may use, without those that do not chat."""
        visible = [model for model in self.models.values() if self.servers(model, identity)]
        return [model for model in visible if _chats(model, self.connections[model.connection])]

    def servers(self, model: Model, identity: "Identity") -> list[int]:
        """The indices of the connections by which a person may use a model."""
        return [index for index in (model.connection, *model.also) if self.connections[index].visible_to(identity)]

    def named(self, model_id: str) -> Model | None:
        """The model of an id; Ollama's clients leave `:latest` out."""
        return self.models.get(model_id) or self.models.get(f"{model_id}:latest")

    def is_old(self) -> bool:
        """Whether a model that is not on it may have come since."""
        return now() - self.fetched_at > UNKNOWN_SECONDS

    def route(self, model_id: str, identity: "Identity") -> tuple[Connection, Model]:
        """Where a model's requests go; raises `NotFound`, also when it is not for this person.

        Of several servers that have it one is drawn, as their weights say; the others follow should it be gone.
        """
        model = self.named(model_id)
        servers = self.servers(model, identity) if model else []
        if model is None or not servers:
            raise NotFound(f"Model not found: {model_id}. Pick another one from the list.")
        first, *others = _drawn([self.connections[index] for index in servers])
        return first.model_copy(update={"instead": others}) if others else first, model


def _drawn(servers: list[Connection]) -> list[Connection]:
    """The servers in a random order in which each stands first as often as its weight says; those of weight 0 last."""
    # https://doi.org/10.1016/j.ipl.2005.11.003 (Efraimidis and Spirakis)
    weights = [server.config.weight for server in servers]
    keys = [random.random() ** (1 / weight) if weight else -1.0 for weight in weights]  # noqa: S311
    return [server for _, server in sorted(zip(keys, servers, strict=True), key=lambda pair: -pair[0])]


def _chats(model: Model, connection: Connection) -> bool:
    """Whether a model is for conversations; OpenAI lists all its models and does not say which are."""
    others: tuple[str, ...] = ("embed",) if connection.kind in ("bedrock", "gemini") else ()
    if "api.openai.com" in connection.url:
        others = _OTHERS
    details = model.raw.get("details") if connection.kind == "ollama" else None
    families = details.get("families") if isinstance(details, dict) else None
    return not any(word in model.upstream_id for word in others) and "bert" not in str(families)


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
        if listing.named(model_id) is None and listing.is_old():
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
    connections = section.everything
    answers = await asyncio.gather(
        *(_models_if_on(section, index) for index in range(len(connections))), return_exceptions=True
    )
    models: dict[str, Model] = {}
    troubles = []
    for index, (connection, answer) in enumerate(zip(connections, answers, strict=True)):
        if isinstance(answer, Exception):
            troubles.append(_trouble(index, connection, answer))
        elif isinstance(answer, BaseException):
            raise answer
        else:
            for model in answer:
                _add(models, Model(prefixed(connection, model.id), model.id, model.name, index, model.raw), connections)
    return Listing(tuple(connections), len(section.connections), models, tuple(troubles), now())


def _trouble(index: int, connection: Connection, error: Exception) -> ConnectionTrouble:
    if isinstance(error, DomainError):
        detail = error.detail
    else:
        logger().error("models not listed", exc_info=error, extra={"url": http.origin_of(connection.url)})
        detail = f"The models of {http.host_of(connection.url)} cannot be listed. Enter this connection anew."
    return ConnectionTrouble(index, http.without_password(connection.url), detail)


def prefixed(connection: Connection, upstream_id: str) -> str:
    """The id by which people know a connection's model."""
    return f"{connection.config.prefix_id}.{upstream_id}" if connection.config.prefix_id else upstream_id


def _add(models: dict[str, Model], model: Model, connections: list[Connection]) -> None:
    """Adds a model; of one id the first counts, but servers of Ollama that have the same model share it."""
    known = models.setdefault(model.id, model)
    kinds = {connections[known.connection].kind, connections[model.connection].kind}
    if known is not model and kinds == {"ollama"} and known.upstream_id == model.upstream_id:
        models[model.id] = replace(known, also=(*known.also, model.connection))


async def _models_if_on(section: ConnectionsSection, index: int) -> list[UpstreamModel]:
    if not section.is_on(index):
        return []
    found = [(model.id, model.name, model.raw) for model in await models_of(section.everything[index])]
    # One answer has the models of all providers: what could not be sent in it must not get into it.
    return [UpstreamModel(*model) for model in json_input.read(json.dumps(found))]


async def models_of(connection: Connection) -> list[UpstreamModel]:
    """The models one connection offers: its allow-list if it has one, the provider's list otherwise."""
    names = connection.config.model_ids
    if connection.kind == "ollama":
        # What a server does not have cannot be allowed, and what it says about the others is worth showing.
        return [model for model in await listed(connection) if not names or model.id in names]
    return [UpstreamModel(name, name, {"id": name, "object": "model"}) for name in names] or await listed(connection)


async def verified(connection: Connection) -> list[UpstreamModel]:
    """What the provider lists, to show that a connection works; raises `ProviderError`.

    Some services answer, and do not list their models: then those that an admin named.
    """
    try:
        return await listed(connection)
    except ProviderError as error:
        if error.trouble is not Trouble.MODEL or not connection.config.model_ids:
            raise
        return await models_of(connection)


async def listed(connection: Connection) -> list[UpstreamModel]:
    """What the provider lists, asked for now, within 3 s; raises `ProviderError`."""
    provider, started = provider_for(connection), time.monotonic()
    await provider.prepare()
    try:
        async with asyncio.timeout(LIST_SECONDS):
            return await provider.models()
    except TimeoutError as error:
        place = {"url": http.origin_of(connection.url), "seconds": time.monotonic() - started}
        logger().warning("models not listed", extra=place)
        host = http.host_of(connection.url)
        raise ProviderError(Trouble.UNREACHABLE, f"{host} did not answer within 3 seconds.") from error


def _fingerprint(section: ConnectionsSection) -> str:
    return hashlib.sha256(f"{LISTED_AS} {section.model_dump_json()}".encode()).hexdigest()


def _stored() -> tuple[str, ModelListItem] | None:
    try:
        item = ModelListItem.get("MODELS", "LIST")
    except ModelListItem.DoesNotExist:
        return None
    return None if item.expired else (item.fingerprint, item)


def _read(section: ConnectionsSection, item: ModelListItem) -> Listing:
    data: dict[str, Any] = json.loads(zlib.decompress(item.data))
    models = {entry["id"]: Model(**{**entry, "also": tuple(entry["also"])}) for entry in data["models"]}
    troubles = tuple(ConnectionTrouble(**entry) for entry in data["troubles"])
    return Listing(tuple(section.everything), len(section.connections), models, troubles, int(item.fetched_at))


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
