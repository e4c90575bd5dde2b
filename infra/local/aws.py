"""How everything on this machine reaches the emulator, and never the real AWS."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from pathlib import Path

REGION = "us-east-1"
ACCOUNT = "000000000000"

_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}  # the emulator's root user


def environment(emulator_url: str, config_file: Path, *, profile: str = "") -> dict[str, str]:
    """The environment of a process that talks to the emulator: ours, without anything that names a real AWS account.

    With a profile of ``config_file`` it acts as that profile's role, otherwise as the emulator's root user.
    """
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "CDK_"))}
    named = {"AWS_PROFILE": profile} if profile else _CREDENTIALS
    return (
        clean
        | named
        | {
            "AWS_ENDPOINT_URL": emulator_url,
            "AWS_ENDPOINT_URL_S3": emulator_url,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": str(config_file),
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
            "AWS_MAX_ATTEMPTS": "2",
            "CDK_DEFAULT_ACCOUNT": ACCOUNT,
            "CDK_DEFAULT_REGION": REGION,
            "CDK_DISABLE_VERSION_CHECK": "1",
        }
    )


def client(service: str, emulator_url: str) -> Any:
    """A boto3 client of the emulator's root user."""
    return boto3.client(  # type: ignore[call-overload]
        service,
        endpoint_url=emulator_url,
        region_name=REGION,
        aws_access_key_id=_CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=_CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        config=Config(connect_timeout=3, read_timeout=60, retries={"total_max_attempts": 2}),
    )


def wake(emulator_url: str, function: str, event: dict[str, Any]) -> None:
    """Invoke a function asynchronously."""
    client("lambda", emulator_url).invoke(
        FunctionName=function, InvocationType="Event", Payload=json.dumps(event).encode()
    )


def write_role_profile(config_file: Path, profile: str, role_arn: str) -> None:
    """Write a configuration by which the SDK assumes the role itself, and renews the credentials before they expire."""
    config_file.write_text(
        f"[profile root]\naws_access_key_id = {_CREDENTIALS['AWS_ACCESS_KEY_ID']}\n"
        f"aws_secret_access_key = {_CREDENTIALS['AWS_SECRET_ACCESS_KEY']}\n"
        f"[profile {profile}]\nrole_arn = {role_arn}\nsource_profile = root\nrole_session_name = {profile}\n"
    )
