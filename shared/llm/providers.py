"""From a connection to the provider it stands for."""

import asyncio
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from shared.llm import http
from shared.llm.connections import BEDROCK, Connection
from shared.llm.fallback import Fallback
from shared.llm.openai_compatible import Endpoint, OpenAICompatible

if TYPE_CHECKING:
    from shared.llm.ollama import Ollama
    from shared.llm.provider import Provider

# Open connections are worth keeping (a TLS handshake costs 50-100 ms), and belong to the event loop that opened them.
_kept: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, "Provider"]] = WeakKeyDictionary()


def provider_for(connection: Connection) -> "Provider":
    """The provider of a connection; the same one, with its open sockets, for the same connection in one event loop."""
    if connection.instead:
        return Fallback([_one(each) for each in (connection, *connection.instead)])
    return _one(connection)


async def said(connection: Connection, model: str, content: str | list[dict[str, Any]]) -> str:
    """What a model says to one message, whole; `model` is its id upstream, `content` a text or OpenAI's parts.

    Raises `ProviderError`, and `LookupError` or `TypeError` for what is no completion.
    """
    body = {"model": model, "messages": [{"role": "user", "content": content}], "stream": False}
    completion = await provider_for(connection).complete(body)
    return str(completion["choices"][0]["message"].get("content") or "")


def ollama(connection: Connection) -> "Ollama":
    """The server of Ollama that a connection leads to."""
    from shared.llm.ollama import Ollama

    server = _one(connection)
    assert isinstance(server, Ollama)
    return server


def compatible(connection: Connection) -> OpenAICompatible | None:
    """The provider of a connection if it speaks OpenAI's API, as Ollama does beside its own."""
    if connection.kind == "ollama":
        config = connection.config.model_copy(update={"provider": None})
        connection = connection.model_copy(update={"url": f"{connection.url}/v1", "config": config})
    provider = _one(connection)
    return provider if isinstance(provider, OpenAICompatible) else None


def _one(connection: Connection) -> "Provider":
    mine = _kept.setdefault(asyncio.get_running_loop(), {})
    identity = connection.model_dump_json(exclude={"instead"})
    if identity not in mine:
        if len(mine) > 64:
            mine.clear()
        mine[identity] = _made(connection)
    return mine[identity]


def _made(connection: Connection) -> "Provider":
    """A provider of the connection's kind, whose module is imported when the first one is made."""
    config = connection.config
    key = "" if config.auth_type == "none" else connection.open_key()
    endpoint = Endpoint(connection.url, key, connection.open_headers())
    if not connection.is_bedrock:
        _check(endpoint)
    match connection.kind:
        case "bedrock":
            from shared.llm.bedrock import Bedrock

            return Bedrock(connection.url.removeprefix(BEDROCK))
        case "anthropic":
            from shared.llm.anthropic import Anthropic

            return Anthropic(endpoint)
        case "gemini":
            from shared.llm.gemini import Gemini

            return Gemini(endpoint)
        case "ollama":
            from shared.llm.ollama import Ollama

            return Ollama(endpoint)
        case "azure":
            from shared.llm.azure import Application, Azure

            tenant, client = config.azure_tenant_id, config.azure_client_id
            application = Application(tenant, client) if connection.entra and tenant and client else None
            return Azure(endpoint, config.api_version, application)
    return OpenAICompatible(endpoint)


def _check(endpoint: Endpoint) -> None:
    """Refuses what no request can be made of, stored before it was looked at; raises `ProviderError`."""
    http.check_url(endpoint.url)
    http.check_header("authorization", endpoint.key, "the API key of this connection")
    for name, value in endpoint.headers.items():
        http.check_header(name, value, f"the header {name} of this connection")
