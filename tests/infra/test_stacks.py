"""What holds for the templates of every stage."""

import re

import pytest
from aws_cdk import App, CfnResource, Stack

from infra import names
from infra.synthesis import Synthesised, synthesise
from shared.storage.schema import TABLES, TTL_ATTRIBUTE

PARAMETER = "AWS::SSM::Parameter"


def test_cdk_nag_finds_nothing_without_a_reason(stage: Synthesised) -> None:
    assert stage.findings == []


def test_local_has_no_cloudfront_no_alarms_and_no_custom_resources(synthesised: dict[str, Synthesised]) -> None:
    local = synthesised["local"]
    assert set(local.templates) == {"data", "realtime", "ingestion", "api"}
    types = {resource["Type"] for _, resource in local.resources()}
    assert not {kind for kind in types if kind.startswith(("Custom::", "AWS::CloudFormation::CustomResource"))}


def test_a_stage_on_aws_has_every_stack(deployed: Synthesised) -> None:
    assert set(deployed.templates) == {"data", "realtime", "ingestion", "api", "web", "observability"}


def test_there_is_no_vpc_and_nothing_of_one(stage: Synthesised) -> None:
    assert not [name for name, resource in stage.resources() if resource["Type"].startswith("AWS::EC2::")]


def test_every_stack_is_tagged(stage: Synthesised) -> None:
    tagged = [
        (name, resource["Properties"]) for name, resource in stage.resources("AWS::DynamoDB::Table", "AWS::S3::Bucket")
    ]
    for name, properties in [*tagged, *stage.functions().items()]:
        tags = {tag["Key"]: tag["Value"] for tag in properties["Tags"]}
        assert (tags.get("app"), tags.get("stage")) == ("cirrus", stage.stage.name), name


def test_tables_are_those_of_the_schema_on_demand_with_ttl(stage: Synthesised) -> None:
    tables = [resource["Properties"] for _, resource in stage.resources("AWS::DynamoDB::Table")]
    assert {table["TableName"] for table in tables} == {f"cirrus-{stage.stage.name}-{each.name}" for each in TABLES}
    for table in tables:
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        assert table["TimeToLiveSpecification"] == {"AttributeName": TTL_ATTRIBUTE, "Enabled": True}


def test_on_aws_data_is_kept_and_can_be_restored(deployed: Synthesised) -> None:
    kept = deployed.resources("AWS::DynamoDB::Table", "AWS::SecretsManager::Secret")
    kept += [each for each in deployed.resources("AWS::S3::Bucket") if each[0].startswith("data/")]
    assert len(kept) == len(TABLES) + 2
    for name, resource in kept:
        # Except on create: what a creation that fails leaves would stop the next one.
        assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain"), name
    for name, table in deployed.resources("AWS::DynamoDB::Table"):
        assert table["Properties"]["DeletionProtectionEnabled"] is (deployed.stage.name == "prod"), name
        assert table["Properties"]["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True, name


def test_the_local_stage_goes_without_a_trace(synthesised: dict[str, Synthesised]) -> None:
    for name, resource in synthesised["local"].resources():
        assert resource.get("DeletionPolicy", "Delete") == "Delete", name
    for name, table in synthesised["local"].resources("AWS::DynamoDB::Table"):
        assert not table["Properties"].get("DeletionProtectionEnabled"), name


def test_every_bucket_is_private_and_encrypted(stage: Synthesised) -> None:
    for name, bucket in stage.resources("AWS::S3::Bucket"):
        assert set(bucket["Properties"]["PublicAccessBlockConfiguration"].values()) == {True}, name
        assert "BucketEncryption" in bucket["Properties"], name


def test_every_queue_is_encrypted(stage: Synthesised) -> None:
    for name, queue in stage.resources("AWS::SQS::Queue"):
        assert queue["Properties"]["SqsManagedSseEnabled"] is True, name


@pytest.mark.parametrize("service", ["s3", "sqs"])
def test_on_aws_plain_http_is_refused(deployed: Synthesised, service: str) -> None:
    protected, policies = {"s3": ("Bucket", "BucketPolicy"), "sqs": ("Queue", "QueuePolicy")}[service]
    kind = service.upper()
    found = deployed.resources(f"AWS::{kind}::{policies}")
    refusing = [
        name
        for name, policy in found
        if any(
            statement["Effect"] == "Deny" and statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        )
    ]
    assert len(refusing) == len(deployed.resources(f"AWS::{kind}::{protected}"))


def test_every_log_group_forgets(stage: Synthesised) -> None:
    for name, group in stage.resources("AWS::Logs::LogGroup"):
        assert group["Properties"]["RetentionInDays"] == stage.stage.log_retention_days, name


def test_the_files_bucket_answers_any_origin_and_ends_unfinished_uploads(stage: Synthesised) -> None:
    (files,) = [each for name, each in stage.resources("AWS::S3::Bucket") if name.startswith("data/")]
    (rule,) = files["Properties"]["CorsConfiguration"]["CorsRules"]
    assert rule["AllowedOrigins"] == ["*"]
    unfinished, *passing = files["Properties"]["LifecycleConfiguration"]["Rules"]
    assert unfinished["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    days = {rule["Prefix"]: rule["ExpirationInDays"] for rule in passing}
    assert days == {"responses/": 1, "requests/": 1, "imports/": 7, "exports/": 7, "models/": 3}


def test_the_secret_is_made_by_secrets_manager(stage: Synthesised) -> None:
    ((_, secret),) = stage.resources("AWS::SecretsManager::Secret")
    assert secret["Properties"]["Name"] == f"cirrus-{stage.stage.name}-keys"
    made = secret["Properties"]["GenerateSecretString"]
    assert (made["SecretStringTemplate"], made["GenerateStringKey"]) == ('{"key_id":"1"}', "master")


def test_a_secret_that_a_destroyed_stage_has_left_is_not_made_again() -> None:
    again = synthesise("dev", keys_exist="true")
    assert again.resources("AWS::SecretsManager::Secret") == []
    assert again.functions()["accounts"]["Environment"]["Variables"]["SECRET_ID"] == "cirrus-dev-keys"


def test_what_stacks_tell_each_other_is_told_by_name_of_the_resource_that_it_is_of(deployed: Synthesised) -> None:
    told = {each["Properties"]["Name"]: each["Properties"]["Value"] for _, each in deployed.resources(PARAMETER)}
    read = {name for _, each in deployed.resources() for name in re.findall(r"{{resolve:ssm:([^}]+)}}", str(each))}
    made_by_a_call = f"/cirrus/{deployed.stage.name}/origin-secret"
    assert read - {made_by_a_call} == set(told)
    assert all(re.fullmatch(r"/cirrus/\w+/[a-z-]+-[0-9a-f]{8}", name) for name in told)


def test_a_resource_that_is_replaced_is_told_by_another_parameter() -> None:
    stack = Stack(App(), "stack")
    first, second = (CfnResource(stack, name, type="AWS::ApiGateway::RestApi") for name in ("First", "Second"))
    assert names.of_this("api", first) == names.of_this("api", first)
    assert len({names.of_this("api", first), names.of_this("api", second), names.of_this("api", first, "new")}) == 3


def test_alarms_are_one_per_kind_each_over_one_metric(deployed: Synthesised) -> None:
    alarms = {
        alarm["Properties"]["AlarmName"]: alarm["Properties"]
        for _, alarm in deployed.resources("AWS::CloudWatch::Alarm")
    }
    prefix = f"cirrus-{deployed.stage.name}-"
    assert set(alarms) == {f"{prefix}errors", f"{prefix}throttles", f"{prefix}deadletters"}
    assert all("MetricName" in alarm for alarm in alarms.values())
    queues = {queue["Properties"]["QueueName"] for _, queue in deployed.resources("AWS::SQS::Queue")}
    ((dimension),) = alarms[f"{prefix}deadletters"]["Dimensions"]
    assert dimension["Value"] in queues
