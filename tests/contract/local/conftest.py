"""Which tests of the patches run: what MiniStack does without one is tried with a version that is new to us."""

from pathlib import Path

import pytest

import infra.local.emulator

REQUIREMENTS = Path(infra.local.emulator.__file__).with_name("requirements.txt")
PROVEN_WITH = "ministack==1.5.33"
"""The version with which every patch was last seen to be needed, by `pytest -m unpatched tests/contract/local`."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what only another version of MiniStack could change."""
    if PROVEN_WITH not in REQUIREMENTS.read_text().splitlines() or config.option.markexpr:
        return
    known = [item for item in items if item.get_closest_marker("unpatched")]
    config.hook.pytest_deselected(items=known)
    items[:] = [item for item in items if item not in known]
