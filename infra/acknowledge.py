"""Reasons for what cdk-nag would have otherwise. An acknowledgement holds for a construct and all below it."""

from typing import Any

from aws_cdk import Acknowledgment, Stack, Validations
from constructs import IConstruct


def acknowledge(construct: IConstruct, reasons: dict[str, str]) -> None:
    """Records why each rule (its AwsSolutions id, with the finding if it has one) does not apply to `construct`."""
    Validations.of(construct).acknowledge(
        *(Acknowledgment(id=f"AwsSolutions-{rule}", reason=reason) for rule, reason in reasons.items())
    )


def managed_policy(name: str) -> str:
    """The finding about the use of an AWS managed policy."""
    return f"IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{name}]"


def wildcard_resource(stack: Stack, arn: str) -> str:
    """The finding about a resource with a wildcard, tokens written the way cdk-nag does."""
    return f"IAM5[Resource::{_flat(stack.resolve(arn))}]"


def _flat(value: Any) -> str:
    if isinstance(value, str):
        return value
    (function, argument), *_ = value.items()
    if function == "Fn::Join":
        return str(argument[0]).join(_flat(part) for part in argument[1])
    if function == "Fn::ImportValue":
        return _flat(argument)
    if function == "Fn::GetAtt":
        return f"<{'.'.join(argument)}>"
    return f"<{argument}>"
