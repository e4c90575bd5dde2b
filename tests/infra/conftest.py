"""The templates of every stage, synthesised once."""

import pytest

from infra.synthesis import Synthesised, synthesise

STAGES = ("local", "dev", "prod")


@pytest.fixture(scope="session")
def synthesised() -> dict[str, Synthesised]:
    """Every stage's templates, checked by cdk-nag."""
    return {name: synthesise(name, check=True) for name in STAGES}


@pytest.fixture(params=STAGES)
def stage(request: pytest.FixtureRequest, synthesised: dict[str, Synthesised]) -> Synthesised:
    """Each stage in turn."""
    return synthesised[str(request.param)]


@pytest.fixture(params=("dev", "prod"))
def deployed(request: pytest.FixtureRequest, synthesised: dict[str, Synthesised]) -> Synthesised:
    """Each stage that runs on AWS in turn."""
    return synthesised[str(request.param)]
