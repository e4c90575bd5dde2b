"""A stage's configuration, from the CDK context (`cdk deploy -c stage=dev`)."""

from dataclasses import dataclass, field, replace
from typing import Literal

from constructs import Node

StageName = Literal["local", "dev", "prod"]
SearchKind = Literal["embedded", "opensearch", "dynamodb", "domain"]
SearchEngine = Literal["faiss", "lucene"]

_SEARCHES = ("embedded", "opensearch", "dynamodb")


class StageError(ValueError):
    """The context does not describe a stage; the message says what to pass."""


@dataclass(frozen=True)
class LocalStage:
    """What only the launcher of the local stage knows; it passes each as a context value of the same name."""

    emulator_url: str = "http://127.0.0.1:4566"
    """Where functions reach the emulator: the WebSocket management endpoint lies below it."""
    public_url: str = "http://127.0.0.1:8080"
    """The origin that a browser sees."""
    origin_secret: str = "local"  # noqa: S105 - the launcher makes one per run
    """What the edge proves itself with in `x-origin-verify`."""
    search_folder: str = ""
    """Where functions keep the index; empty: in the bucket, as on AWS."""
    search_endpoint: str = ""
    """The OpenSearch node of this machine, if that is what searches."""
    layer_python: str = ""
    """The interpreter that runs functions in the emulator; empty: the one that runs the CDK app."""


@dataclass(frozen=True)
class Stage:
    """One deployed copy of Cirrus. Times are in the unit their name says."""

    name: StageName
    log_retention_days: int = 30
    log_level: str = "INFO"
    requests_per_second: int = 200
    """REST throttling, for the whole stage; bursts may be twice that."""
    reserved_concurrency: dict[str, int] = field(default_factory=dict)
    """By function name. Empty by default: a new account may have ten executions at once, and this takes from them."""
    dashboard: bool = False
    """A CloudWatch dashboard costs $3 a month."""
    search: str = "embedded"
    """Where chunks of files are indexed: "embedded" (in the bucket), "opensearch" (a Serverless collection that scales
    to zero), "dynamodb" (by vector only), or the https:// address of an OpenSearch domain."""
    model_hub: str = ""
    """Where local models come from on their first use, a mirror say; empty: https://huggingface.co."""
    search_engine: SearchEngine = "faiss"
    """What finds vectors in OpenSearch: "faiss" (all that Serverless has) or "lucene" (all that a plain node has)."""
    keys_exist: bool = False
    """Whether the secret is there and of no stack, left by one that was destroyed: CloudFormation cannot take it up."""
    alarm_email: str = ""
    """Who hears of alarms; empty: nobody, they only show."""
    local: LocalStage | None = None

    @property
    def is_local(self) -> bool:
        """Whether this stage runs on the embedded emulator."""
        return self.local is not None

    @property
    def search_kind(self) -> SearchKind:
        """`search`, with any address as "domain"."""
        return self.search if self.search in _SEARCHES else "domain"  # type: ignore[return-value]

    @property
    def keeps_data(self) -> bool:
        """Whether tables and files outlive their stack and can be restored to a point in time."""
        return not self.is_local

    @property
    def protects_data(self) -> bool:
        """Whether DynamoDB refuses to delete a table, whoever asks."""
        return self.name == "prod"


STAGES: dict[StageName, Stage] = {
    "local": Stage("local", log_retention_days=1, requests_per_second=10_000, local=LocalStage()),
    "dev": Stage("dev", log_retention_days=14),
    "prod": Stage("prod", log_retention_days=90, requests_per_second=1_000),
}


def _text(node: Node, key: str) -> str:
    value = node.try_get_context(key)
    return "" if value is None else str(value).strip()


def stage_from_context(node: Node) -> Stage:
    """The stage that the context names (`stage`; `dev` when absent), overrides applied; raises `StageError`."""
    name = _text(node, "stage") or "dev"
    if name not in STAGES:
        raise StageError(f"unknown stage {name!r}: pass -c stage=local, dev or prod")
    stage = STAGES[name]
    if level := _text(node, "log_level"):
        stage = replace(stage, log_level=level)
    if hub := _text(node, "model_hub"):
        stage = replace(stage, model_hub=hub.rstrip("/"))
    if search := _text(node, "search"):
        if search not in _SEARCHES and not search.startswith("https://"):
            raise StageError(f"search={search!r}: pass embedded, opensearch, dynamodb, or a domain's https:// address")
        stage = replace(stage, search=search)
    if engine := _text(node, "search_engine"):
        if engine not in ("faiss", "lucene"):
            raise StageError(f"search_engine={engine!r}: pass faiss or lucene")
        stage = replace(stage, search_engine=engine)  # type: ignore[arg-type]
    if stage.local is not None:
        keys = ("emulator_url", "public_url", "origin_secret", "search_folder", "search_endpoint", "layer_python")
        given = {key: value for key in keys if (value := _text(node, key))}
        return replace(stage, local=replace(stage.local, **given))
    return replace(
        stage,
        dashboard=_text(node, "dashboard").lower() == "true",
        keys_exist=_text(node, "keys_exist").lower() == "true",
        alarm_email=_text(node, "alarm_email"),
    )
