"""From a connection to the provider it stands for."""

import asyncio
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from shared.llm.connections import BEDROCK, Connection
from shared.llm.openai_compatible import AZURE_VERSION, Endpoint, OpenAICompatible

if TYPE_CHECKING:
    from shared.llm.provider import Provider

# Open connections are worth keeping (a TLS handshake costs 50-100 ms), and belong to the event loop that opened them.
_kept: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, "Provider"]] = WeakKeyDictionary()


def provider_for(connection: Connection) -> "Provider":
    """The provider of a connection; the same one, with its open sockets, for the same connection in one event loop."""
    mine = _kept.setdefault(asyncio.get_running_loop(), {})
    identity = connection.model_dump_json()
    if identity not in mine:
        if len(mine) > 64:
            mine.clear()
        mine[identity] = _bedrock(connection) if connection.is_bedrock else compatible(connection)
    return mine[identity]


def _bedrock(connection: Connection) -> "Provider":
    from shared.llm.bedrock import Bedrock

    return Bedrock(connection.url.removeprefix(BEDROCK))


def compatible(connection: Connection) -> OpenAICompatible:
    """An OpenAI-compatible provider."""
    config = connection.config
    key = "" if config.auth_type == "none" else connection.open_key()
    version = (config.api_version or AZURE_VERSION) if config.azure else None
    return OpenAICompatible(Endpoint(connection.url, key, connection.open_headers(), version))
