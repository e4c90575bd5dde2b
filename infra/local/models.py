"""Which models a run offers: those that the environment names, an Ollama on this machine, or else the demo."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["openai", "ollama"]

OLLAMA_URL = "http://127.0.0.1:11434"
OPENAI_URL = "https://api.openai.com/v1"


@dataclass(frozen=True)
class ModelServer:
    """A server of models, by its base URL."""

    kind: Kind
    url: str
    key: str = ""
    demo: bool = False

    @property
    def connection_type(self) -> str:
        """How the app labels its models."""
        return "local" if self.demo or self.kind == "ollama" else "external"


def from_environment(environment: Mapping[str, str]) -> list[ModelServer]:
    """The servers that OPENAI_API_BASE_URL(S), OPENAI_API_KEY(S) and OLLAMA_BASE_URL(S) name, separated by ``;``."""
    urls, keys = _listed(environment, "OPENAI_API_BASE_URL"), _listed(environment, "OPENAI_API_KEY")
    if keys and not urls:
        urls = [OPENAI_URL]
    keys += [keys[0] if len(keys) == 1 else ""] * (len(urls) - len(keys))
    openai = [ModelServer("openai", url.rstrip("/"), key) for url, key in zip(urls, keys, strict=False)]
    return openai + [ModelServer("ollama", url.rstrip("/")) for url in _listed(environment, "OLLAMA_BASE_URL")]


def discover(environment: Mapping[str, str], ollama_url: str = OLLAMA_URL) -> list[ModelServer]:
    """The servers that the environment names, otherwise an Ollama found at its usual address, otherwise none."""
    named = from_environment(environment)
    if named:
        return named
    return [ModelServer("ollama", ollama_url)] if is_ollama(ollama_url) else []


def is_ollama(url: str) -> bool:
    """Whether an Ollama that has at least one model answers at this URL within a second."""
    try:
        with urllib.request.urlopen(f"{url}/api/tags", timeout=1) as answer:
            return bool(json.load(answer).get("models"))
    except (urllib.error.URLError, TimeoutError, ConnectionError, ValueError, AttributeError):
        return False


def _listed(environment: Mapping[str, str], name: str) -> list[str]:
    value = environment.get(f"{name}S") or environment.get(name) or ""
    return [part.strip() for part in value.split(";") if part.strip()]
