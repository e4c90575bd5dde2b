"""The roles of a stack that may use the collection."""

import json
from collections.abc import Sequence

from aws_cdk import aws_iam as iam
from aws_cdk import aws_opensearchserverless as aoss
from constructs import Construct

from infra import names
from infra.stage import Stage

COLLECTION = "search"
"""The collection, by its name in the stage."""
# https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-data-access.html
# A template is written again by each process that is first to use its index.
_TEMPLATES = ("aoss:CreateCollectionItems", "aoss:DescribeCollectionItems", "aoss:UpdateCollectionItems")
_INDEXES = (
    "aoss:CreateIndex",
    "aoss:DeleteIndex",
    "aoss:DescribeIndex",
    "aoss:ReadDocument",
    "aoss:WriteDocument",
)


class SearchAccess(Construct):
    """A data access policy; there is one for each stack with functions, as the roles are known where they are made."""

    @staticmethod
    def is_needed(stage: Stage) -> bool:
        """Whether the stage has a collection."""
        return stage.search_kind == "opensearch" and not stage.is_local

    def __init__(self, scope: Construct, *, stage: Stage, part: str, roles: Sequence[iam.IRole]) -> None:
        super().__init__(scope, "SearchAccess")
        collection = names.named(stage, COLLECTION)
        rules = [
            {"ResourceType": "collection", "Resource": [f"collection/{collection}"], "Permission": list(_TEMPLATES)},
            {"ResourceType": "index", "Resource": [f"index/{collection}/cirrus-*"], "Permission": list(_INDEXES)},
        ]
        principals = [role.role_arn for role in roles]
        aoss.CfnAccessPolicy(
            self,
            "Policy",
            name=names.named(stage, part),
            type="data",
            description=f"Cirrus {stage.name}: functions that search",
            policy=json.dumps([{"Rules": rules, "Principal": principals}], separators=(",", ":")),
        )
