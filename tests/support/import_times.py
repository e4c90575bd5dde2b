"""How long a handler takes to import, and how much of that is its libraries'."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIMIT = 1.2
ROUNDS = 5

# A line of `python -X importtime`: self and cumulative microseconds, and the module.
_LINE = re.compile(r"^import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)$", re.MULTILINE)
_OURS = re.compile(r"^(functions|shared)(\.|$)")


@dataclass(frozen=True)
class ImportTime:
    """Seconds."""

    handler: float
    libraries: float

    @property
    def ratio(self) -> float:
        """The handler's time over that of its libraries alone."""
        return self.handler / self.libraries


def handlers() -> list[str]:
    """The modules that Lambda imports."""
    found = [path for name in ("handler", "greeter", "changes") for path in (ROOT / "functions").glob(f"*/{name}.py")]
    return sorted(".".join(path.relative_to(ROOT).with_suffix("").parts) for path in found)


@cache
def measure(handler: str) -> ImportTime:
    """A handler's import, told apart by module within one process, so that the machine's speed drops out.

    What a module of ours does while it is imported (building models and routes, say) counts as ours, whoever's code
    does it. Something else running may still fall on our share, so a ratio over the limit is measured again.
    """
    best = _once(handler)
    for _ in range(ROUNDS - 1):
        if best.ratio <= LIMIT:
            break
        best = min(best, _once(handler), key=lambda found: found.ratio)
    return best


def _once(handler: str) -> ImportTime:
    result = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", f"import {handler}"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        # As functions have it, whose packages are compiled.
        env=os.environ | {"PYDANTIC_DISABLE_PLUGINS": "1", "PYTHONDONTWRITEBYTECODE": ""},
        check=False,
    )
    assert result.returncode == 0, result.stderr
    times = [(int(micros), module) for micros, module in _LINE.findall(result.stderr)]
    ours = sum(micros for micros, module in times if _OURS.match(module))
    total = sum(micros for micros, _ in times)
    return ImportTime(total / 1e6, (total - ours) / 1e6)
