"""Puts the stacks on the emulator with the real CDK CLI, and leaves out what has not changed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.local import aws
from infra.local.bootstrap import ROOT, RUNTIME_PYTHON, UV
from infra.local.errors import LocalError
from infra.sources import sources_digest

CDK = ROOT / "node_modules" / ".bin" / "cdk"
TOOLKIT_STACK = "CDKToolkit"
ASSETS_BUCKET = f"cdk-hnb659fds-assets-{aws.ACCOUNT}-{aws.REGION}"  # hnb659fds: CDK's default qualifier
SOURCES = ("infra", "functions", "shared", "layers")
SOURCE_FILES = ("cdk.json", "pyproject.toml", "uv.lock", "package-lock.json")
LIMIT = 600.0  # seconds for one run of the CDK CLI
FINISHED = ("CREATE_COMPLETE", "UPDATE_COMPLETE")


class Deployment:
    """The stage ``local`` on one emulator; ``environment`` is ``aws.environment``'s, with our tools on the path."""

    def __init__(
        self, emulator_url: str, environment: Mapping[str, str], assembly: Path, record: Path, log: Path
    ) -> None:
        self._emulator_url = emulator_url
        self._environment = {**environment, "UV": str(UV)}
        self._assembly = assembly
        self._record = record
        self._log = log

    def bootstrap(self) -> None:
        """CDK's own stack, once per emulator state."""
        if TOOLKIT_STACK not in self._stacks():
            # Away from cdk.json, whose app it would run to no purpose.
            self._cdk("bootstrap", f"aws://{aws.ACCOUNT}/{aws.REGION}", folder=self._log.parent)
            # It denies what does not come over TLS, and the emulator speaks plain HTTP on this machine only.
            aws.client("s3", self._emulator_url).delete_bucket_policy(Bucket=ASSETS_BUCKET)

    def is_current(self, digest: str) -> bool:
        """Whether the emulator has every stack of the deployment with this digest."""
        try:
            record = json.loads(self._record.read_text())
        except (OSError, ValueError):
            return False
        stacks = self._stacks()
        return bool(record.get("digest") == digest and all(stacks.get(name) in FINISHED for name in record["stacks"]))

    def deploy(self, context: Mapping[str, str]) -> None:
        """Synthesise and deploy every stack; raises LocalError with the end of the CLI's output when that fails."""
        self._record.unlink(missing_ok=True)
        given = [part for key, value in context.items() for part in ("-c", f"{key}={value}")]
        app = f"{sys.executable} -m infra.app"
        self._cdk("deploy", "--all", "--app", app, "--output", str(self._assembly), "--require-approval", "never",
                  "--method", "direct", "--concurrency", "4", "--progress", "events", *given)  # fmt: skip

    def note(self, digest: str) -> None:
        """Remember what was deployed, once the emulator has saved it."""
        names = [name for name in self._stacks() if name != TOOLKIT_STACK]
        self._record.write_text(json.dumps({"digest": digest, "stacks": names}))

    def outputs(self) -> dict[str, str]:
        """The outputs of all stacks."""
        stacks = aws.client("cloudformation", self._emulator_url).describe_stacks()["Stacks"]
        return {
            output["OutputKey"]: output["OutputValue"]
            for stack in stacks
            if stack["StackName"] != TOOLKIT_STACK
            for output in stack.get("Outputs", [])
        }

    def function(self, name: str) -> dict[str, Any]:
        """The configuration of a deployed function: its environment and its role."""
        configuration: dict[str, Any] = aws.client("lambda", self._emulator_url).get_function_configuration(
            FunctionName=name
        )
        return configuration

    def _stacks(self) -> dict[str, str]:
        stacks = aws.client("cloudformation", self._emulator_url).describe_stacks()["Stacks"]
        return {stack["StackName"]: stack["StackStatus"] for stack in stacks}

    def _cdk(self, *arguments: str, folder: Path = ROOT) -> None:
        command = [str(CDK), *arguments, "--ci", "--no-notices"]
        with self._log.open("ab") as log:
            start = log.tell()
            try:
                result = subprocess.run(
                    command,
                    cwd=folder,
                    env=self._environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    timeout=LIMIT,
                )
            except subprocess.TimeoutExpired:
                raise LocalError(f"'cdk {arguments[0]}' did not finish in {LIMIT:.0f} s; see {self._log}.") from None
        if result.returncode:
            written = self._log.read_bytes()[start:].decode(errors="replace")
            end = "\n".join(written.splitlines()[-30:])
            raise LocalError(f"'cdk {arguments[0]}' failed; the end of {self._log}:\n{end}")


def context(emulator_url: str, public_url: str, origin_secret: str, given: Mapping[str, str]) -> dict[str, str]:
    """The CDK context of the local stage; `given` says where chunks are indexed and models come from."""
    return {
        "stage": "local",
        "emulator_url": emulator_url,
        "public_url": public_url,
        "origin_secret": origin_secret,
        "layer_python": str(RUNTIME_PYTHON),
        **{name: value for name, value in given.items() if value},
    }


def inputs_digest(values: Mapping[str, str]) -> str:
    """A hash of everything that a deployment is made from: sources, locked versions and context."""
    return sources_digest(SOURCES, SOURCE_FILES, left_out=("local",), more=json.dumps(dict(values), sort_keys=True))
