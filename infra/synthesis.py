"""A stage's templates without building what they deploy: for the cost table, the tests and `make check`."""

import contextlib
import json
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aws_cdk import App, Validations
from aws_cdk import aws_lambda as lambda_
from cdk_nag import AwsSolutionsChecks

from infra.app import compose
from infra.functions import FunctionSpec, Layer
from infra.stage import STAGES, Stage, stage_from_context

Resource = dict[str, Any]

INDEX_HTML = "<!doctype html><title>Cirrus</title><script>start()</script><script src='/app.js'></script>"


class EmptyBuilder:
    """Gives every asset an almost empty folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "index.html").write_text(INDEX_HTML)

    def layer(self, name: Layer) -> lambda_.Code:
        """The empty folder, whatever the layer."""
        return lambda_.Code.from_asset(str(self._folder))

    def function_code(self, spec: FunctionSpec) -> lambda_.Code:
        """The empty folder, whatever the function."""
        return lambda_.Code.from_asset(str(self._folder))

    def web(self) -> Path:
        """A web app of one page."""
        return self._folder


@dataclass(frozen=True)
class Synthesised:
    """A stage's templates, by stack (`data`, `api`, …), and what cdk-nag found in them, as "rule at construct"."""

    stage: Stage
    templates: dict[str, Any] = field(repr=False)
    findings: list[str]

    def resources(self, *types: str) -> list[tuple[str, Resource]]:
        """Every resource of the given types (of any without), as (stack/logical id, resource)."""
        return [
            (f"{stack}/{name}", resource)
            for stack, template in self.templates.items()
            for name, resource in template.get("Resources", {}).items()
            if not types or resource["Type"] in types
        ]

    def functions(self) -> dict[str, Resource]:
        """The properties of the stage's own functions, by name (CDK's have none)."""
        prefix = f"cirrus-{self.stage.name}-"
        return {
            function["Properties"]["FunctionName"].removeprefix(prefix): function["Properties"]
            for _, function in self.resources("AWS::Lambda::Function")
            if "FunctionName" in function["Properties"]
        }


def _findings(report: Path) -> list[str]:
    if not report.is_file():
        return []
    return sorted(
        f"{violation['ruleName']} at {place['constructPath']}"
        for plugin in json.loads(report.read_text())["pluginReports"]
        for violation in plugin["violations"]
        for place in violation["violatingConstructs"]
    )


def synthesise(name: str, *, check: bool = False, **context: str) -> Synthesised:
    """The templates of stage `name`; with `check` cdk-nag's AwsSolutions pack looks at them."""
    with tempfile.TemporaryDirectory(prefix="cirrus-synthesis-") as temporary:
        assets, out = Path(temporary, "assets"), Path(temporary, "out")
        assets.mkdir()
        app = App(outdir=str(out), context={"stage": name, **context})
        stage = stage_from_context(app.node)
        if check:
            Validations.of(app).add_plugins(AwsSolutionsChecks(app))
        compose(app, stage, EmptyBuilder(assets))
        with contextlib.suppress(RuntimeError) if check else contextlib.nullcontext():
            app.synth()  # raises on cdk-nag's findings, which the report has too
        prefix = f"cirrus-{name}-"
        templates = {
            path.name.removeprefix(prefix).removesuffix(".template.json"): json.loads(path.read_text())
            for path in sorted(out.glob(f"{prefix}*.template.json"))
        }
        return Synthesised(stage, templates, _findings(out / "validation-report.json"))


def main() -> None:
    """Synthesises every stage and prints what cdk-nag finds without a reason given; exits 1 when there is any."""
    findings = [f"{name}: {finding}" for name in STAGES for finding in synthesise(name, check=True).findings]
    print(*findings, sep="\n", end="\n" if findings else "")
    print(f"cdk-nag AwsSolutions: {len(findings)} findings in {', '.join(STAGES)}")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
