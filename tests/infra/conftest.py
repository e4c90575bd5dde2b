"""The templates of every stage, synthesised once for all processes of the session."""

import fcntl
import os
import pickle
from pathlib import Path

import pytest

from infra.synthesis import Synthesised, synthesise
from tests.conftest import SESSION_FOLDER

STAGES = ("local", "dev", "prod")


@pytest.fixture(scope="session")
def synthesised() -> dict[str, Synthesised]:
    """Every stage's templates, checked by cdk-nag."""
    kept = Path(os.environ[SESSION_FOLDER]) / "templates"
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            kept.write_bytes(pickle.dumps({name: synthesise(name, check=True) for name in STAGES}))
    known: dict[str, Synthesised] = pickle.loads(kept.read_bytes())
    return known


@pytest.fixture(params=STAGES)
def stage(request: pytest.FixtureRequest, synthesised: dict[str, Synthesised]) -> Synthesised:
    """Each stage in turn."""
    return synthesised[str(request.param)]


@pytest.fixture(params=("dev", "prod"))
def deployed(request: pytest.FixtureRequest, synthesised: dict[str, Synthesised]) -> Synthesised:
    """Each stage that runs on AWS in turn."""
    return synthesised[str(request.param)]
