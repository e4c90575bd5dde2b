"""Typed settings of a function, parsed from its environment once.

A function's environment holds only what its domain needs; reading a setting that was not given is a deployment
mistake and raises `MissingSetting` naming it. Nothing else in `shared` or `functions` reads `os.environ`.
"""

import os
from collections.abc import Mapping
from functools import cache
from typing import Literal

from pydantic import ConfigDict

from shared.deferred import Deferred

Stage = Literal["local", "dev", "prod"]


class MissingSetting(RuntimeError):
    """A setting was read that this function's environment does not have."""


class Settings(Deferred):
    """The environment of every function; empty strings stand for 'not given'."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    stage: str = "local"
    log_level: str = "INFO"
    accounts_table: str = ""
    chats_table: str = ""
    knowledge_table: str = ""
    realtime_table: str = ""
    platform_table: str = ""
    workspace_table: str = ""
    files_bucket: str = ""
    secret_id: str = ""
    origin_secret: str = ""
    generate_function: str = ""
    greeter_function: str = ""
    courier_function: str = ""
    pulls_function: str = ""
    chat_index_function: str = ""
    ingestion_function: str = ""
    ingestion_machine: str = ""
    embedder_function: str = ""
    extract_function: str = ""
    model_hub: str = "https://huggingface.co"
    search_backend: str = "embedded"
    """embedded, opensearch or dynamodb."""
    search_folder: str = ""
    """Where the embedded index keeps its files; without one it is in the bucket."""
    search_endpoint: str = ""
    """The address of OpenSearch."""
    search_sign: str = ""
    """The service to sign requests to OpenSearch for: aoss (Serverless) or es; empty: none."""
    search_secret_id: str = ""
    """The secret with `username` and `password` for OpenSearch, where it wants these."""
    search_engine: str = "faiss"
    """OpenSearch's engine for vectors: faiss (all that Serverless has) or lucene (all that a plain node has)."""
    vectors_table: str = ""
    timers_queue_url: str = ""
    websocket_endpoint: str = ""
    public_url: str = ""
    aws_region: str = "us-east-1"
    aws_endpoint_url: str = ""

    @property
    def is_local(self) -> bool:
        """Whether this runs on the embedded emulator on a person's own machine."""
        return self.stage == "local"

    def require(self, name: str) -> str:
        """The value of setting `name`; raises `MissingSetting` when the environment lacks it."""
        value = getattr(self, name)
        if not value:
            raise MissingSetting(f"{name.upper()} is not set for this function")
        return str(value)


def parse(environment: Mapping[str, str]) -> Settings:
    """Settings out of environment variables named like the fields, in upper case."""
    known = {name: environment[name.upper()] for name in Settings.model_fields if name.upper() in environment}
    return Settings(**known)


@cache
def settings() -> Settings:
    """The settings of this process; tests clear the cache with `settings.cache_clear()`."""
    return parse(os.environ)
