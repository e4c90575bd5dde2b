"""The fixtures that start something: the bare emulator and the whole stack."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import stack as stacks
from tests.support.emulator import Emulator, prepared
from tests.support.model_server import ModelServer
from tests.support.model_server import running as running_model_server
from tests.support.stack import SESSION_OWNER, Stack, shared_stack

SESSION_FOLDER = "CIRRUS_TEST_SESSION"


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder that all workers of this session share; workers inherit the environment."""
    if not hasattr(config, "workerinput"):
        os.environ[SESSION_FOLDER] = tempfile.mkdtemp(prefix="cirrus-test-")
        os.environ[SESSION_OWNER] = str(os.getpid())


def pytest_unconfigure(config: pytest.Config) -> None:
    """End what the session's tests started."""
    if not hasattr(config, "workerinput") and SESSION_FOLDER in os.environ:
        folder = Path(os.environ.pop(SESSION_FOLDER))
        stacks.stop(folder)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """The bare emulator with the product's tables, which the settings of this process name."""
    with prepared(tmp_path_factory.mktemp("emulator")) as running:
        yield running


@pytest.fixture(scope="session")
def cirrus() -> Iterator[Stack]:
    """The whole local stack with IAM evaluation, deployed by the CDK CLI; CIRRUS_STACK names one that runs already."""
    folder = Path(os.environ[SESSION_FOLDER])
    with shared_stack(folder, int(os.environ[SESSION_OWNER])) as running:
        yield running


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """A test marked `alone` changes what everybody on the stack sees, so no other process tests meanwhile.

    Around the whole of a test: fixtures of its module use the stack as well.
    """
    if "cirrus" not in getattr(item, "fixturenames", ()):
        return (yield)
    alone = item.get_closest_marker("alone") is not None
    folder = Path(os.environ[SESSION_FOLDER])
    with (folder / "turn").open("w") as turn, (folder / "stack").open("w") as stack:
        fcntl.flock(turn, fcntl.LOCK_EX)  # so that whoever wants to be alone is not passed by for ever
        fcntl.flock(stack, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(turn, fcntl.LOCK_UN)
        return (yield)


@pytest.fixture(scope="session")
def one_server() -> Iterator[ModelServer]:
    """A model server of this process."""
    with running_model_server() as server:
        yield server


@pytest.fixture
def server(one_server: ModelServer) -> ModelServer:
    """The model server, which answers as it does from the start."""
    one_server.reset()
    return one_server
