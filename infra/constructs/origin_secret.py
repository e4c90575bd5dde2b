"""The secret by which functions know CloudFront: made once, at the first deploy, kept in an SSM parameter."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import custom_resources as resources
from constructs import Construct

from infra import names
from infra.acknowledge import acknowledge, managed_policy
from infra.constructs.domain_function import log_group
from infra.stage import Stage


class OriginSecret(Construct):
    """Stacks read it with `names.origin_secret`.

    A second secret in Secrets Manager would cost $0.40 a month for something that stands in function environments
    anyway. An update may repeat the first call, but never changes the value: the parameter is written once.
    """

    def __init__(self, scope: Construct, *, stage: Stage) -> None:
        super().__init__(scope, "OriginSecret")
        name = names.parameter(stage, "origin-secret")
        arn = Stack.of(self).format_arn(service="ssm", resource="parameter", resource_name=name.removeprefix("/"))
        log = log_group(self, "Log", stage, f"/aws/lambda/{names.named(stage, 'origin-secret')}")
        random = resources.AwsSdkCall(
            service="SecretsManager",
            action="getRandomPassword",
            parameters={"PasswordLength": 48, "ExcludePunctuation": True},
            physical_resource_id=resources.PhysicalResourceId.of("random"),
            output_paths=["RandomPassword"],
            logging=resources.Logging.with_data_hidden(),
        )
        made = resources.AwsCustomResource(
            self,
            "Random",
            on_create=random,
            on_update=random,
            install_latest_aws_sdk=False,
            log_group=log,
            policy=resources.AwsCustomResourcePolicy.from_statements(
                [iam.PolicyStatement(actions=["secretsmanager:GetRandomPassword"], resources=["*"])]
            ),
        )
        kept = resources.AwsCustomResource(
            self,
            "Kept",
            on_create=resources.AwsSdkCall(
                service="SSM",
                action="putParameter",
                parameters={
                    "Name": name,
                    "Type": "String",
                    "Value": made.get_response_field("RandomPassword"),
                    "Description": "What CloudFront proves itself with to the functions",
                },
                physical_resource_id=resources.PhysicalResourceId.of(name),
                logging=resources.Logging.with_data_hidden(),
            ),
            on_delete=resources.AwsSdkCall(
                service="SSM",
                action="deleteParameter",
                parameters={"Name": name},
                logging=resources.Logging.with_data_hidden(),
            ),
            install_latest_aws_sdk=False,
            log_group=log,
            policy=resources.AwsCustomResourcePolicy.from_statements(
                [iam.PolicyStatement(actions=["ssm:DeleteParameter", "ssm:PutParameter"], resources=[arn])]
            ),
        )
        kept.node.add_dependency(made)
        acknowledge(made, {"IAM5[Resource::*]": "GetRandomPassword knows no resources."})
        own_log = "CDK's own function behind custom resources: it writes its log."
        acknowledge(Stack.of(self), {managed_policy("service-role/AWSLambdaBasicExecutionRole"): own_log})
