"""Tables, files and keys: what a stage keeps."""

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from infra import names
from infra.acknowledge import acknowledge
from infra.constructs.origin_secret import OriginSecret
from infra.stage import Stage
from shared.storage import schema


class DataStack(Stack):
    """Outside local everything here outlives the stack; a stack of the same stage takes it up again (`deploy.py`)."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id, description=f"Cirrus {stage.name}: tables, files, keys")
        self._stage = stage
        self.streams: dict[str, str] = {}
        """The parameters that hold the ARNs of tables' streams, by table."""
        # What a first creation that fails has made goes with it: nothing is in it, and the next attempt makes it again.
        self._removal = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if stage.keeps_data else RemovalPolicy.DESTROY
        for table in schema.TABLES:
            self._table(table)
        self._files()
        if not stage.keys_exist:
            self._keys()
        if not stage.is_local:
            OriginSecret(self, stage=stage)

    def _table(self, table: schema.TableSchema) -> None:
        text, view = dynamodb.AttributeType.STRING, dynamodb.StreamViewType.NEW_AND_OLD_IMAGES
        made = dynamodb.Table(
            self,
            f"{table.name.capitalize()}Table",
            table_name=schema.table_name(self._stage.name, table),
            partition_key=dynamodb.Attribute(name=schema.PARTITION_KEY, type=text),
            sort_key=dynamodb.Attribute(name=schema.SORT_KEY, type=text),
            time_to_live_attribute=schema.TTL_ATTRIBUTE,
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=self._stage.keeps_data
            ),
            # It would refuse to go with a first creation that fails, too: worth it only where people's chats are.
            deletion_protection=self._stage.protects_data,
            removal_policy=self._removal,
            stream=view if table.streamed else None,
        )
        if made.table_stream_arn:
            resource = made.node.default_child
            assert isinstance(resource, dynamodb.CfnTable)
            self.streams[table.name] = names.of_this(f"dynamodb-stream-{table.name}", resource, view.value)
            # Not an export, which would lock the stream for as long as somebody follows it.
            ssm.StringParameter(
                self,
                f"{table.name.capitalize()}Stream",
                parameter_name=names.parameter(self._stage, self.streams[table.name]),
                string_value=made.table_stream_arn,
            )
        if not self._stage.keeps_data:
            acknowledge(made, {"DDB3": "The local stage is for trying out: its tables go with it."})
        if table.indexed:
            projected = None if table.listed is None else list(table.listed)
            made.add_global_secondary_index(
                index_name=schema.INDEX,
                partition_key=dynamodb.Attribute(name=schema.INDEX_PARTITION_KEY, type=text),
                sort_key=dynamodb.Attribute(name=schema.INDEX_SORT_KEY, type=text),
                projection_type=dynamodb.ProjectionType.ALL if projected is None else dynamodb.ProjectionType.INCLUDE,
                non_key_attributes=projected,
            )

    def _files(self) -> None:
        bucket = s3.Bucket(
            self,
            "Files",
            bucket_name=names.files_bucket(self._stage),
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=not self._stage.is_local,
            removal_policy=self._removal,
            cors=[
                # Presigned URLs only, which carry their permission in themselves: no cookies, so any origin.
                s3.CorsRule(
                    allowed_origins=["*"],
                    allowed_methods=[
                        s3.HttpMethods.GET,
                        s3.HttpMethods.HEAD,
                        s3.HttpMethods.POST,
                        s3.HttpMethods.PUT,
                    ],
                    allowed_headers=["*"],
                    exposed_headers=["ETag"],
                    max_age=3600,
                )
            ],
            lifecycle_rules=[
                s3.LifecycleRule(abort_incomplete_multipart_upload_after=Duration.days(1)),
                # What travels by way of S3 for its size only: answers of the API, requests to the worker.
                s3.LifecycleRule(prefix="responses/", expiration=Duration.days(1)),
                s3.LifecycleRule(prefix="requests/", expiration=Duration.days(1)),
                # Files to import, and exports to fetch: as long as their jobs are known.
                s3.LifecycleRule(prefix="imports/", expiration=Duration.days(7)),
                s3.LifecycleRule(prefix="exports/", expiration=Duration.days(7)),
                # Files of models on their way to a server, which takes two days at most.
                s3.LifecycleRule(prefix="models/", expiration=Duration.days(3)),
            ],
        )

        made = bucket.node.default_child
        assert isinstance(made, s3.CfnBucket)
        # As a property of the bucket itself: the construct's own way of saying this is a custom resource.
        made.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
        )
        acknowledge(
            bucket, {"S1": "Functions log what they presign; a log of every read would cost more than the files."}
        )
        if self._stage.is_local:
            acknowledge(bucket, {"S10": "The emulator speaks plain HTTP on the loopback interface."})

    def _keys(self) -> None:
        secret = secretsmanager.Secret(
            self,
            "Keys",
            secret_name=names.named(self._stage, "keys"),
            description="The master key that signing and encryption keys are derived from",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template='{"key_id":"1"}',  # noqa: S106 - a template
                generate_string_key="master",
                password_length=64,
                exclude_punctuation=True,
            ),
            removal_policy=self._removal,
        )
        rotation = (
            "Rotating it signs everybody out, so it is done on purpose: tokens and ciphertexts carry a key id for that."
        )
        acknowledge(secret, {"SMG4": rotation})
