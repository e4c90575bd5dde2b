"""Names by which the stacks of a stage know each other's resources."""

import hashlib

from aws_cdk import Aws, CfnDynamicReference, CfnDynamicReferenceService, CfnElement, Fn, Stack

from infra.routes import SOCKET_STAGE
from infra.stage import Stage


def named(stage: Stage, name: str) -> str:
    """The physical name of a resource in a stage."""
    return f"cirrus-{stage.name}-{name}"


def parameter(stage: Stage, name: str) -> str:
    """The SSM parameter through which one stack tells the others a value that is known only once it stands."""
    return f"/cirrus/{stage.name}/{name}"


def parameter_value(stage: Stage, name: str) -> str:
    """What `parameter` holds, resolved by CloudFormation when it deploys."""
    return CfnDynamicReference(CfnDynamicReferenceService.SSM, parameter(stage, name)).to_string()


def of_this(name: str, made: CfnElement, *more: str) -> str:
    """The name of a parameter that tells of `made`: another one when the template replaces it, or changes `more`.

    CloudFormation does not look whether a parameter that a template refers to has a new value: a stack that reads it
    is updated because the reference reads differently. (An export could not change as long as anybody imports it.)
    """
    identity = "/".join((Stack.of(made).get_logical_id(made), *more))
    return f"{name}-{hashlib.sha256(identity.encode()).hexdigest()[:8]}"


def files_bucket(stage: Stage) -> str:
    """The bucket of uploads and long message bodies; account and region make it unique in the world."""
    return f"{named(stage, 'files')}-{Aws.ACCOUNT_ID}-{Aws.REGION}"


def queue_url(stage: Stage, name: str) -> str:
    """The URL of a queue of this stage."""
    if stage.local is not None:
        return f"{stage.local.emulator_url}/{Aws.ACCOUNT_ID}/{named(stage, name)}"
    return f"https://sqs.{Aws.REGION}.{Aws.URL_SUFFIX}/{Aws.ACCOUNT_ID}/{named(stage, name)}"


def state_machine(stage: Stage, name: str) -> str:
    """The ARN of a state machine of this stage."""
    return f"arn:{Aws.PARTITION}:states:{Aws.REGION}:{Aws.ACCOUNT_ID}:stateMachine:{named(stage, name)}"


def socket_endpoint(stage: Stage, api_id: str) -> str:
    """The endpoint of the WebSocket API with its stage, as the `apigatewaymanagementapi` client takes it."""
    if stage.local is not None:
        return Fn.join("", [stage.local.emulator_url, "/_aws/execute-api/", api_id, f"/{SOCKET_STAGE}"])
    return Fn.join("", ["https://", api_id, f".execute-api.{Aws.REGION}.{Aws.URL_SUFFIX}/{SOCKET_STAGE}"])


def origin_secret(stage: Stage) -> str:
    """What CloudFront (locally the edge) sends in `x-origin-verify`, and functions believe viewer headers beside."""
    if stage.local is not None:
        return stage.local.origin_secret
    return parameter_value(stage, "origin-secret")
