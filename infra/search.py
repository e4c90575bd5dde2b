"""What the stage switch `search` means: what functions that search are told, and may do."""

from urllib.parse import urlsplit

from aws_cdk import ArnFormat, Stack

from infra import names
from infra.functions import READ_ACTIONS, WRITE_ACTIONS
from infra.grant import Grant, allow
from infra.stage import Stage

VECTORS = "vectors"
"""The table of vectors, by its name in the stage."""
COLLECTION_ENDPOINT, COLLECTION_ARN = "search-endpoint", "search-arn"
"""The parameters that hold where the collection is."""

_AWS_DOMAIN = ".es.amazonaws.com"
_VECTOR_TABLE_ACTIONS = (
    *READ_ACTIONS,
    *WRITE_ACTIONS,
    "dynamodb:DescribeTable",
    "dynamodb:Scan",
    "dynamodb:UpdateTable",
)
_DOMAIN_ACTIONS = ("es:ESHttpDelete", "es:ESHttpGet", "es:ESHttpPost", "es:ESHttpPut")
_INDEXES = "There is a vector index for each number of dimensions, made when a model of that many is chosen."
_DOMAIN = "A domain is given by its address, which does not tell its name; its own policy says who may come."


def variables(stage: Stage) -> dict[str, str]:
    """The environment of a function that searches, as `shared.settings` reads it."""
    local = stage.local
    match stage.search_kind:
        case "embedded":
            return {"search_backend": "embedded", "search_folder": local.search_folder if local else ""}
        case "dynamodb":
            return {"search_backend": "dynamodb", "vectors_table": names.named(stage, VECTORS)}
        case "opensearch" if local:
            return {
                "search_backend": "opensearch",
                "search_endpoint": local.search_endpoint,
                "search_engine": "lucene",
            }
        case "opensearch":
            return {
                "search_backend": "opensearch",
                "search_endpoint": names.parameter_value(stage, COLLECTION_ENDPOINT),
                "search_sign": "aoss",
                "search_engine": "faiss",
            }
        case "domain":
            told = {
                "search_backend": "opensearch",
                "search_endpoint": stage.search,
                "search_engine": stage.search_engine,
            }
            return told | (
                {"search_sign": "es"} if _is_signed(stage) else {"search_secret_id": names.named(stage, "search")}
            )


def grants(stack: Stack, stage: Stage) -> list[Grant]:
    """What a function that searches may do; the embedded index lies in the files that it may read and write anyway."""
    match stage.search_kind:
        case "dynamodb":
            table = stack.format_arn(service="dynamodb", resource="table", resource_name=names.named(stage, VECTORS))
            return [
                allow(_VECTOR_TABLE_ACTIONS, table),
                allow(("dynamodb:SearchVectors",), f"{table}/index/vectors-*", reason=_INDEXES),
            ]
        case "opensearch" if not stage.is_local:
            return [allow(("aoss:APIAccessAll",), names.parameter_value(stage, COLLECTION_ARN))]
        case "domain" if _is_signed(stage):
            domains = stack.format_arn(service="es", resource="domain", resource_name="*")
            return [allow(_DOMAIN_ACTIONS, domains, reason=_DOMAIN)]
        case "domain":
            secret = stack.format_arn(
                service="secretsmanager",
                resource="secret",
                resource_name=f"{names.named(stage, 'search')}-??????",
                arn_format=ArnFormat.COLON_RESOURCE_NAME,
            )
            return [allow(("secretsmanager:GetSecretValue",), secret)]
        case _:
            return []


def needs_credentials(stage: Stage) -> bool:
    """Whether OpenSearch wants a name and a password."""
    return stage.search_kind == "domain" and not _is_signed(stage)


def _is_signed(stage: Stage) -> bool:
    """Whether the domain is one of AWS, which knows roles."""
    return (urlsplit(stage.search).hostname or "").endswith(_AWS_DOMAIN)
