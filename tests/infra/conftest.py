"""The templates of every stage, synthesised once, without building what they deploy."""

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Validations
from aws_cdk import aws_lambda as lambda_
from cdk_nag import AwsSolutionsChecks

from infra.app import compose
from infra.functions import FunctionSpec, Layer
from infra.stage import Stage, stage_from_context

Resource = dict[str, Any]

STAGES = ("local", "dev", "prod")

INDEX_HTML = "<!doctype html><title>Cirrus</title><script>start()</script><script src='/theme.js'></script>"


class EmptyBuilder:
    """Gives every asset an almost empty folder: the tests look at templates, not at code."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "index.html").write_text(INDEX_HTML)

    def layer(self, name: Layer) -> lambda_.Code:
        return lambda_.Code.from_asset(str(self._folder))

    def function_code(self, spec: FunctionSpec) -> lambda_.Code:
        return lambda_.Code.from_asset(str(self._folder))

    def web(self) -> Path:
        return self._folder


@dataclass(frozen=True)
class Synthesised:
    """A stage's templates, by stack (`data`, `api`, …), and what cdk-nag found in them."""

    stage: Stage
    templates: dict[str, Any]
    findings: list[str]

    def resources(self, *types: str) -> list[tuple[str, Resource]]:
        """Every resource of the given types (of any without), as (stack/logical id, resource)."""
        return [
            (f"{stack}/{name}", resource)
            for stack, template in self.templates.items()
            for name, resource in template.get("Resources", {}).items()
            if not types or resource["Type"] in types
        ]


def _findings(report: Path) -> list[str]:
    """What cdk-nag found and nobody acknowledged, as "rule at construct"."""
    if not report.is_file():
        return []
    return sorted(
        f"{violation['ruleName']} at {place['constructPath']}"
        for plugin in json.loads(report.read_text())["pluginReports"]
        for violation in plugin["violations"]
        for place in violation["violatingConstructs"]
    )


def synthesise(name: str, folder: Path, **context: str) -> Synthesised:
    """The templates of stage `name`, checked by cdk-nag."""
    assets = folder / "assets"
    assets.mkdir()
    app = App(outdir=str(folder / "out"), context={"stage": name, **context})
    stage = stage_from_context(app.node)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app, verbose=True))
    compose(app, stage, EmptyBuilder(assets))
    with contextlib.suppress(RuntimeError):  # cdk-nag's findings, which the report has too
        app.synth()
    prefix = f"cirrus-{name}-"
    templates = {
        path.name.removeprefix(prefix).removesuffix(".template.json"): json.loads(path.read_text())
        for path in sorted((folder / "out").glob(f"{prefix}*.template.json"))
    }
    return Synthesised(stage, templates, _findings(folder / "out" / "validation-report.json"))


@pytest.fixture(scope="session")
def synthesised(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Synthesised]:
    """Every stage's templates."""
    return {name: synthesise(name, tmp_path_factory.mktemp(name)) for name in STAGES}


@pytest.fixture(params=STAGES)
def stage(request: pytest.FixtureRequest, synthesised: dict[str, Synthesised]) -> Synthesised:
    """Each stage in turn."""
    found = synthesised[request.param]
    assert isinstance(found, Synthesised)
    return found
