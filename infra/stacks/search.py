"""What chunks are indexed in, where that is not the bucket: a collection, a table, or what a domain asks for."""

import json

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_opensearchserverless as aoss
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from infra import names
from infra.acknowledge import acknowledge
from infra.constructs.search_access import COLLECTION
from infra.search import COLLECTION_ARN, COLLECTION_ENDPOINT, VECTORS, needs_credentials
from infra.stage import Stage
from shared.storage import schema

# Nobody is charged above: 8 OCU are some 30 million chunks, or a busy hour.
_MOST_OCU = 8


class SearchStack(Stack):
    """An index can be built again from the files, so it goes with its stack."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id, description=f"Cirrus {stage.name}: index of chunks")
        self._stage = stage
        if stage.search_kind == "opensearch":
            self._collection()
        elif stage.search_kind == "dynamodb":
            self._table()
        elif needs_credentials(stage):
            self._credentials()

    @staticmethod
    def is_needed(stage: Stage) -> bool:
        """Whether there is anything in it."""
        return not stage.is_local and (stage.search_kind in ("opensearch", "dynamodb") or needs_credentials(stage))

    def _collection(self) -> None:
        """A NextGen collection in a group that scales to zero when nobody has asked for ten minutes.

        https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-scale-to-zero.html
        """
        name = names.named(self._stage, COLLECTION)
        resources = [{"ResourceType": "collection", "Resource": [f"collection/{name}"]}]
        encryption = self._policy("Encryption", "encryption", {"Rules": resources, "AWSOwnedKey": True})
        # There is no VPC: what is not signed by a role of the stage is refused.
        network = self._policy("Network", "network", [{"Rules": resources, "AllowFromPublic": True}])
        group = aoss.CfnCollectionGroup(
            self,
            "Group",
            name=name,
            description=f"Cirrus {self._stage.name}: scales to zero",
            generation="NEXTGEN",
            standby_replicas="ENABLED",
            capacity_limits=aoss.CfnCollectionGroup.CapacityLimitsProperty(
                min_indexing_capacity_in_ocu=0,
                min_search_capacity_in_ocu=0,
                max_indexing_capacity_in_ocu=_MOST_OCU,
                max_search_capacity_in_ocu=_MOST_OCU,
            ),
        )
        collection = aoss.CfnCollection(
            self,
            "Collection",
            name=name,
            type="VECTORSEARCH",
            description=f"Cirrus {self._stage.name}: chunks of files",
            collection_group_name=name,
            standby_replicas="ENABLED",
        )
        for first in (encryption, network, group):
            collection.add_dependency(first)
        self._tell(COLLECTION_ENDPOINT, collection.attr_collection_endpoint)
        self._tell(COLLECTION_ARN, collection.attr_arn)

    def _policy(self, construct_id: str, kind: str, policy: object) -> aoss.CfnSecurityPolicy:
        text = json.dumps(policy, separators=(",", ":"))
        name = names.named(self._stage, COLLECTION)
        return aoss.CfnSecurityPolicy(self, construct_id, name=name, type=kind, policy=text)

    def _tell(self, name: str, value: str) -> None:
        ssm.StringParameter(
            self, name.title().replace("-", ""), parameter_name=names.parameter(self._stage, name), string_value=value
        )

    def _table(self) -> None:
        """The table of vectors; its vector indexes are made when a model is chosen (`shared.search.dynamodb`)."""
        text = dynamodb.AttributeType.STRING
        table = dynamodb.Table(
            self,
            "Vectors",
            table_name=names.named(self._stage, VECTORS),
            partition_key=dynamodb.Attribute(name=schema.PARTITION_KEY, type=text),
            sort_key=dynamodb.Attribute(name=schema.SORT_KEY, type=text),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            removal_policy=RemovalPolicy.DESTROY,
        )
        acknowledge(table, {"DDB3": "An index: it is built again from the files."})

    def _credentials(self) -> None:
        """What the domain knows the stage by; an administrator puts the real ones in."""
        secret = secretsmanager.Secret(
            self,
            "Credentials",
            secret_name=names.named(self._stage, "search"),
            description="username and password for the OpenSearch domain: put in what it knows",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template='{"username":"cirrus"}',  # noqa: S106 - a template
                generate_string_key="password",
                exclude_punctuation=True,
            ),
            removal_policy=RemovalPolicy.DESTROY,
        )
        acknowledge(secret, {"SMG4": "The domain is not of this stage, so whoever runs it changes its password."})
