"""Requests to servers of Ollama: which one gets them, and the next one when it is gone."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from shared.errors import Invalid, NotFound
from shared.identity.sessions import Identity
from shared.llm.catalog import Catalog, Choice, catalog, choose
from shared.llm.connections import Connection, ConnectionsSection
from shared.llm.errors import ProviderError, Trouble
from shared.llm.http import host_of
from shared.llm.ollama_chat import OPTIONS
from shared.llm.provider import Json
from shared.llm.providers import ollama
from shared.llm.registry import LIST_SECONDS, prefixed, registry
from shared.sections import load

NO_MODEL = "model: give the name of a model."


@dataclass(frozen=True)
class Server:
    """A server in use, by its place in the contract's list."""

    index: int
    connection: Connection

    def own_name(self, model: str) -> str:
        """What the server itself calls a model that people know by the connection's prefix."""
        prefix = self.connection.config.prefix_id
        return model.removeprefix(f"{prefix}.") if prefix else model

    def recipe(self, recipe: Json) -> Json:
        """What a model is made of, in the server's own names."""
        base = recipe.get("from")
        return {**recipe, "from": self.own_name(base)} if isinstance(base, str) else recipe


def servers() -> list[Server]:
    """The servers in use."""
    section = load(ConnectionsSection)
    first = len(section.connections)
    return [Server(index, each) for index, each in enumerate(section.ollama) if section.is_on(first + index)]


async def server(index: int) -> Server:
    """The server at an index; raises `NotFound`."""
    for each in await asyncio.to_thread(servers):
        if each.index == index:
            return each
    raise NotFound(f"There is no server of Ollama at index {index}. An admin can add one under Connections.")


@dataclass(frozen=True)
class Held:
    """A model on a server, as the server calls it."""

    server: Server
    model: str

    @property
    def connection(self) -> Connection:
        """The connection to the server."""
        return self.server.connection


async def holders(model: str) -> list[Held]:
    """A model on all servers that have it; raises `NotFound` when none has, `Invalid` without a name."""
    if not model:
        raise Invalid(NO_MODEL)
    listing = await registry.listing()
    found = listing.named(model)
    if found is None and listing.is_old():
        listing = await registry.listing(refresh=True)
        found = listing.named(model)
    if found is not None and found.connection >= listing.first_ollama:
        wanted = {index - listing.first_ollama for index in (found.connection, *found.also)}
        having = [each for each in await asyncio.to_thread(servers) if each.index in wanted]
        if having:
            return [Held(each, found.upstream_id) for each in having]
    raise NotFound(f"No server of Ollama has the model {model}. Refresh the list, or pull it.")


async def holder(model: str, index: int | None) -> Held:
    """A model on the server at an index, or without one on the first that has it."""
    if not model:
        raise Invalid(NO_MODEL)
    if index is None:
        return (await holders(model))[0]
    asked = await server(index)
    return Held(asked, asked.own_name(model))


@dataclass(frozen=True)
class Target:
    """Where a person's request to a model goes, what the model is called there, and what a preset adds."""

    connections: Sequence[Connection]
    choice: Choice

    @property
    def model(self) -> str:
        """What the servers call the model."""
        return self.choice.model.upstream_id

    def with_parameters(self, body: Json) -> Json:
        """The body with the model's own name, and with a preset's options where it has none."""
        preset = {name: self.choice.params[name] for name in OPTIONS if self.choice.params.get(name) is not None}
        options = {**preset, **(body.get("options") or {})}
        kept = {name: value for name, value in body.items() if name not in ("metadata", "name")}
        return {**kept, "model": self.model, **({"options": options} if options else {})}


async def target(model: str, user: Identity, index: int | None) -> Target:
    """Where a person's request goes; raises `NotFound`, also for a model that is not for them, or not of Ollama."""
    if not model:
        raise Invalid(NO_MODEL)
    known = await catalog()
    chosen = await choose(model, user, known)
    if chosen.connection.kind != "ollama":
        raise NotFound(f"{model} is not a model of Ollama. Ask for it at /api/chat/completions.")
    able = [chosen.connection, *chosen.connection.instead]
    if index is None:
        return Target(able, chosen)
    wanted = (await server(index)).connection.url
    if at := [each for each in able if each.url == wanted]:
        return Target(at, chosen)
    raise NotFound(f"The server of Ollama at index {index} does not have the model {model}.")


def shown(known: Catalog, user: Identity) -> list[Json]:
    """The models of all servers for a person, as /api/tags has them, each with the indices of those that have it."""
    listing, entries = known.listing, []
    for model in listing.models.values():
        connection, change = listing.connections[model.connection], known.change_of(model)
        hidden = change is not None and not change.visible_to(user)
        able = listing.servers(model, user)
        if connection.kind != "ollama" or not able or hidden:
            continue
        urls = [index - listing.first_ollama for index in able]
        entry = {**model.raw, "name": model.id, "model": model.id, "urls": urls}
        tags = {"tags": connection.config.tags} if connection.config.tags else {}
        entries.append({**entry, **tags, "connection_type": connection.config.connection_type})
    return entries


async def everywhere(method: str, path: str) -> list[tuple[Server, Json]]:
    """What all servers in use answer within 3 s; those that do not are left out."""
    asked = await asyncio.to_thread(servers)

    async def one(each: Server) -> Json | None:
        try:
            return await quickly(each.connection, method, path)
        except ProviderError:
            return None

    answers = await asyncio.gather(*(one(each) for each in asked))
    return [(each, answer) for each, answer in zip(asked, answers, strict=True) if answer is not None]


async def quickly(connection: Connection, method: str, path: str) -> Json:
    """What one server answers within 3 s; raises `ProviderError`."""
    try:
        async with asyncio.timeout(LIST_SECONDS):
            return await ollama(connection).call(method, path)
    except TimeoutError as error:
        host = host_of(connection.url)
        raise ProviderError(Trouble.UNREACHABLE, f"{host} did not answer within {LIST_SECONDS:.0f} seconds.") from error


async def merged(path: str) -> list[Json]:
    """The `models` that all servers answer at a path, each once, with the indices of the servers."""
    found: dict[str, Json] = {}
    for each, answer in await everywhere("GET", path):
        for entry in answer.get("models") or []:
            model = prefixed(each.connection, str(entry.get("model") or entry.get("name") or ""))
            found.setdefault(model, {**entry, "model": model, "urls": []})["urls"].append(each.index)
    return list(found.values())


async def ask(connections: Sequence[Connection], path: str, body: Json) -> Json:
    """The answer of the first server that can be reached."""
    for connection in connections[:-1]:
        try:
            return await ollama(connection).call("POST", path, body)
        except ProviderError as error:
            if error.trouble is not Trouble.UNREACHABLE:
                raise
    return await ollama(connections[-1]).call("POST", path, body)


async def talk(connections: Sequence[Connection], path: str, body: Json) -> AsyncGenerator[Json]:
    """The lines of the first server that can be reached."""
    for number, connection in enumerate(connections, start=1):
        begun = False
        try:
            async with ollama(connection).lines("POST", path, body) as lines:
                async for line in lines:
                    begun = True
                    yield line
            return
        except ProviderError as error:
            if begun or error.trouble is not Trouble.UNREACHABLE or number == len(connections):
                raise


async def called(lines: AsyncGenerator[Json], name: str) -> AsyncGenerator[Json]:
    """The lines with the model's name as the client knows it."""
    async with aclosing(lines):
        async for line in lines:
            yield {**line, "model": name} if "model" in line else line


async def then_listed(lines: AsyncGenerator[Json]) -> AsyncGenerator[Json]:
    """The lines of something that changes which models there are; then the list is made anew."""
    async with aclosing(lines):
        async for line in lines:
            yield line
    await registry.listing(refresh=True)
