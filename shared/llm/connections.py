"""Connections to model providers: the section an admin edits, with sealed keys, in the contract's shape.

A key is stored encrypted and shown as a mask. A mask that comes back unchanged stands for the stored key, for the same
address only, so that nobody can send a key they cannot see to a server of their own.
"""

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import ConfigDict, Field, ValidationError

from shared import sections
from shared.addresses import parts_of
from shared.deferred import Deferred
from shared.errors import Invalid, TooLarge
from shared.identity import sealed
from shared.identity.access import AccessControl, may_read
from shared.llm import http
from shared.sections import Section
from shared.settings import settings

if TYPE_CHECKING:
    from shared.identity.sessions import Identity

Kind = Literal["openai", "azure", "ollama", "anthropic", "gemini", "bedrock"]

SEAL_CONTEXT = "connections"
BEDROCK = "bedrock://"
# How the contract's clients say that a request carries the key of its connection, none, or a token of Entra ID.
_ENTRA = ("azure_ad", "microsoft_entra_id")
_AUTH_TYPES = ("bearer", "none", *_ENTRA)
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_ENTRA_ID = re.compile(r"[A-Za-z0-9.-]{1,200}")
_LONGEST_PREFIX = 100
# All connections are one item of a table, which takes 400 KB.
_LARGEST_SECTION = 350_000


class ConnectionConfig(Deferred):
    """The contract's entry of OPENAI_API_CONFIGS and OLLAMA_API_CONFIGS. Fields this version does not know are kept.

    Ours are `provider`, the protocol spoken there (absent: OpenAI's, or Azure's with `azure`); `weight`, how often a
    server of Ollama is chosen among those that have a model; and of an application registered with Entra ID, whose
    secret is the key, `azure_tenant_id` and `azure_client_id`.
    """

    model_config = ConfigDict(extra="allow", protected_namespaces=())

    provider: Kind | None = None
    enable: bool = True
    prefix_id: str | None = None
    tags: list[Any] = Field(default_factory=list)
    model_ids: list[str] = Field(default_factory=list)
    headers: dict[str, str] | None = None
    connection_type: str = "external"
    auth_type: str | None = None
    azure: bool = False
    api_version: str | None = None
    azure_tenant_id: str | None = None
    azure_client_id: str | None = None
    weight: float = Field(1.0, ge=0)
    access_control: dict[str, Any] | None = None


class Connection(Deferred):
    """One provider. `key` and the values of `config.headers` are sealed."""

    url: str
    key: str = ""
    config: ConnectionConfig = Field(default_factory=ConnectionConfig)
    source: Literal["admin", "environment"] = "admin"
    instead: list["Connection"] = Field(default_factory=list)
    """Others with the same model, to be asked in this order when nobody answers here; never stored."""

    @property
    def kind(self) -> Kind:
        """The protocol spoken there."""
        if self.url.startswith(BEDROCK):
            return "bedrock"
        return self.config.provider or ("azure" if self.config.azure else "openai")

    @property
    def is_bedrock(self) -> bool:
        """Whether this is Amazon Bedrock, in the region its address names."""
        return self.kind == "bedrock"

    @property
    def entra(self) -> bool:
        """Whether its key is the secret of an application registered with Entra ID."""
        return self.config.auth_type in _ENTRA

    def open_key(self) -> str:
        """The key itself."""
        return sealed.opened(self.key, SEAL_CONTEXT)

    def open_headers(self) -> dict[str, str]:
        """The added headers themselves."""
        return {name: sealed.opened(value, SEAL_CONTEXT) for name, value in (self.config.headers or {}).items()}

    def visible_to(self, identity: "Identity") -> bool:
        """Whether a person may use its models: admins all; others as `access_control` says (absent: everybody)."""
        rule = self.config.access_control
        if rule is None or identity.is_admin:
            return True
        try:
            return may_read(identity, "", AccessControl.model_validate(rule))
        except ValidationError:  # stored before rules were checked
            return False


def _preset() -> list[Connection]:
    """On AWS, Bedrock works by IAM with no key, so it is there from the start."""
    return [] if settings().is_local else [Connection(url=f"{BEDROCK}{settings().aws_region}")]


class ConnectionsSection(Section):
    """Section `connections`."""

    section: ClassVar[str] = "connections"

    enable_openai_api: bool = True
    connections: list[Connection] = Field(default_factory=_preset)
    enable_ollama_api: bool = True
    ollama: list[Connection] = Field(default_factory=list)

    @property
    def everything(self) -> list[Connection]:
        """All connections; those to Ollama, which the contract counts by themselves, after the others."""
        return [*self.connections, *self.ollama]

    def is_on(self, index: int) -> bool:
        """Whether the connection at an index of `everything` is in use."""
        switch = self.enable_openai_api if index < len(self.connections) else self.enable_ollama_api
        return switch and self.everything[index].config.enable


class ConnectionsForm(Deferred):
    """What an admin sees and sends: /openai/config (contract). Keys and header values are masked."""

    ENABLE_OPENAI_API: bool | None = None
    OPENAI_API_BASE_URLS: list[str]
    OPENAI_API_KEYS: list[str]
    OPENAI_API_CONFIGS: dict[str, Any]


class OllamaForm(Deferred):
    """What an admin sees and sends: /ollama/config (contract). `key` in a configuration is masked."""

    ENABLE_OLLAMA_API: bool | None = None
    OLLAMA_BASE_URLS: list[str]
    OLLAMA_API_CONFIGS: dict[str, Any]


@dataclass(frozen=True)
class EnvironmentConnection:
    """A provider that the environment of the local launcher names."""

    url: str
    key: str = ""
    config: dict[str, Any] = field(default_factory=dict)


def normalised(url: str) -> str:
    """An address as it is stored: without a trailing slash.

    Raises `ProviderError` for one that is never allowed, `Invalid` for one that has more than it takes.
    """
    url = url.strip().rstrip("/")
    if not url.startswith(BEDROCK):
        http.check_url(url)
        if "@" in parts_of(url).netloc:
            raise Invalid(
                "Leave name and password out of the address, for addresses are shown and logged: "
                "enter them as the key or as a header (Authorization)."
            )
        if "?" in url or "#" in url:
            raise Invalid("Leave out what comes after ? or # in the address: the paths of the API are added to it.")
    elif not _REGION.fullmatch(url.removeprefix(BEDROCK)):
        raise Invalid("Name the region of Amazon Bedrock, such as bedrock://us-east-1.")
    return url


def shown(section: ConnectionsSection) -> ConnectionsForm:
    """The section for an admin's eyes, without the servers of Ollama."""
    return ConnectionsForm(
        ENABLE_OPENAI_API=section.enable_openai_api,
        OPENAI_API_BASE_URLS=[connection.url for connection in section.connections],
        OPENAI_API_KEYS=[sealed.masked(connection.open_key()) for connection in section.connections],
        OPENAI_API_CONFIGS={
            str(index): _config_shown(connection) for index, connection in enumerate(section.connections)
        },
    )


def shown_ollama(section: ConnectionsSection) -> OllamaForm:
    """The servers of Ollama for an admin's eyes; in the contract a key is part of the configuration."""
    return OllamaForm(
        ENABLE_OLLAMA_API=section.enable_ollama_api,
        OLLAMA_BASE_URLS=[connection.url for connection in section.ollama],
        OLLAMA_API_CONFIGS={
            str(index): {**_config_shown(connection), "key": sealed.masked(connection.open_key())}
            for index, connection in enumerate(section.ollama)
        },
    )


def update(form: ConnectionsForm) -> ConnectionsSection:
    """Stores what an admin sent; raises `Invalid` or `ProviderError` when an entry cannot be used."""
    return sections.update(ConnectionsSection, lambda section: _changed(section, form))


def update_ollama(form: OllamaForm) -> ConnectionsSection:
    """Stores the servers of Ollama that an admin sent; raises `Invalid` or `ProviderError`."""
    return sections.update(ConnectionsSection, lambda section: _changed_ollama(section, form))


def with_secrets(url: str, key: str, config: dict[str, Any]) -> Connection:
    """A connection as an admin tries it out, masks filled in from what is stored; raises `Invalid`."""
    return _entered(normalised(url), key, config, sections.load(ConnectionsSection, fresh=True).everything)


def ollama_with_secrets(url: str, key: str) -> Connection:
    """A server of Ollama as an admin tries it out; raises `Invalid`."""
    return with_secrets(url, key, {"provider": "ollama"})


def replace_environment_connections(wanted: list[EnvironmentConnection]) -> None:
    """Makes the connections that come from the environment exactly these, ahead of an admin's own.

    What an admin changed on one (prefix, tags, switched off) stays while its address is named.
    """

    def change(section: ConnectionsSection) -> ConnectionsSection:
        known = {connection.url: connection for connection in section.everything if connection.source == "environment"}
        named = []
        for entry in wanted:
            url = normalised(entry.url)
            config = known[url].config if url in known else ConnectionConfig.model_validate(entry.config)
            named.append(
                Connection(url=url, key=sealed.closed(entry.key, SEAL_CONTEXT), config=config, source="environment")
            )
        for connection in section.everything:
            if connection.source != "environment":
                named.append(connection)
        ollama = [connection for connection in named if connection.kind == "ollama"]
        others = [connection for connection in named if connection.kind != "ollama"]
        return section.model_copy(update={"connections": others, "ollama": ollama})

    sections.update(ConnectionsSection, change)


def _changed(section: ConnectionsSection, form: ConnectionsForm) -> ConnectionsSection:
    keys = form.OPENAI_API_KEYS + [""] * len(form.OPENAI_API_BASE_URLS)
    connections = []
    for index, url in enumerate(form.OPENAI_API_BASE_URLS):
        if url.strip():
            config = _config_of(form.OPENAI_API_CONFIGS, index)
            if config.get("provider") == "ollama":
                raise Invalid("Add a server of Ollama under Ollama.")
            connections.append(_entered(normalised(url), keys[index], config, section.connections))
    enabled = section.enable_openai_api if form.ENABLE_OPENAI_API is None else form.ENABLE_OPENAI_API
    return _fitting(section.model_copy(update={"enable_openai_api": enabled, "connections": connections}))


def _changed_ollama(section: ConnectionsSection, form: OllamaForm) -> ConnectionsSection:
    servers = []
    for index, url in enumerate(form.OLLAMA_BASE_URLS):
        if url.strip():
            config = {"connection_type": "local", **_config_of(form.OLLAMA_API_CONFIGS, index)}
            key = str(config.pop("key", None) or "")
            servers.append(_entered(normalised(url), key, {**config, "provider": "ollama"}, section.ollama))
    enabled = section.enable_ollama_api if form.ENABLE_OLLAMA_API is None else form.ENABLE_OLLAMA_API
    return _fitting(section.model_copy(update={"enable_ollama_api": enabled, "ollama": servers}))


def _config_of(configs: dict[str, Any], index: int) -> dict[str, Any]:
    config = configs.get(str(index)) or {}
    if not isinstance(config, dict):
        raise Invalid(f"The configuration of connection {index} is not an object. Send its fields by name.")
    return config


def _fitting(section: ConnectionsSection) -> ConnectionsSection:
    if len(json.dumps(section.model_dump(mode="json"))) > _LARGEST_SECTION:
        raise TooLarge(
            f"All connections together take more than {_LARGEST_SECTION // 1000} KB. "
            "Shorten their lists of models, or their headers."
        )
    return section


def _entered(url: str, key: str, config: dict[str, Any], stored: list[Connection]) -> Connection:
    there = [connection for connection in stored if connection.url == url]
    source = there[0].source if there else "admin"
    if there and "provider" not in config:
        # A client that does not know this field of ours must not turn the connection into another kind.
        config = {**config, "provider": there[0].config.provider}
    typed = _typed(config)
    typed.headers = {
        name: _kept(value, [(c.config.headers or {}).get(name, "") for c in there], f"the header {name[:100]}", name)
        for name, value in (typed.headers or {}).items()
    } or None
    return Connection(url=url, key=_kept(key, [c.key for c in there], "the API key"), config=typed, source=source)


def _typed(config: dict[str, Any]) -> ConnectionConfig:
    try:
        typed = ConnectionConfig.model_validate(config)
    except ValidationError as error:
        raise _invalid(error) from error
    try:
        AccessControl.model_validate(typed.access_control or {})
    except ValidationError as error:
        raise _invalid(error, "access_control") from error
    prefix = typed.prefix_id or ""
    if len(prefix) > _LONGEST_PREFIX or not prefix.isprintable():
        raise Invalid(f"A prefix has at most {_LONGEST_PREFIX} characters, and no line break among them.")
    if not all(isinstance(tag.get("name") if isinstance(tag, dict) else tag, str) for tag in typed.tags):
        raise Invalid('tags: a tag is an object with a name, such as {"name": "fast"}.')
    if typed.auth_type is not None and typed.auth_type not in _AUTH_TYPES:
        raise Invalid(f"Authentication by {typed.auth_type} is not supported. Use one of: {', '.join(_AUTH_TYPES)}.")
    if typed.auth_type in _ENTRA and not (typed.azure_tenant_id and typed.azure_client_id):
        raise Invalid("Entra ID needs the tenant and the id of an application: azure_tenant_id and azure_client_id.")
    if typed.auth_type in _ENTRA and not _ENTRA_ID.fullmatch(typed.azure_tenant_id or ""):
        raise Invalid("The tenant of Entra ID is an id such as 8f1c…, or a domain such as example.onmicrosoft.com.")
    return typed


def _invalid(error: ValidationError, *before: str) -> Invalid:
    problem = error.errors()[0]
    return Invalid(f"{'.'.join(map(str, (*before, *problem['loc'])))}: {problem['msg']}")


def _kept(value: str, stored: list[str], what: str, header: str = "authorization") -> str:
    """The sealed form of a value that was entered for a header, or the stored one that its mask stands for."""
    value = value.strip()
    http.check_header(header, "" if value.startswith(sealed.MASK) else value, what)
    problem = f"The address of a connection has changed: enter {what} again."
    return sealed.kept(value, stored, SEAL_CONTEXT, problem)


def _config_shown(connection: Connection) -> dict[str, Any]:
    config = connection.config.model_dump(mode="json", exclude_unset=True)
    if connection.config.headers:
        config["headers"] = {name: sealed.masked(value) for name, value in connection.open_headers().items()}
    return {"enable": True, **config, "source": connection.source}
