"""API Gateway's permission to write logs: one setting per account and region, which the first API stack makes."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.acknowledge import acknowledge, managed_policy


class GatewayAccount(Construct):
    """Stays when the stage goes: other APIs of the account may rely on it by then."""

    def __init__(self, scope: Construct) -> None:
        super().__init__(scope, "GatewayAccount")
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("apigateway.amazonaws.com"),
            managed_policies=[
                iam.ManagedPolicy.from_aws_managed_policy_name("service-role/AmazonAPIGatewayPushToCloudWatchLogs")
            ],
        )
        name = "service-role/AmazonAPIGatewayPushToCloudWatchLogs"
        acknowledge(role, {managed_policy(name): "The policy that API Gateway documents for this one purpose."})
        role.apply_removal_policy(RemovalPolicy.RETAIN)
        account = apigateway.CfnAccount(self, "Account", cloud_watch_role_arn=role.role_arn)
        account.apply_removal_policy(RemovalPolicy.RETAIN)
