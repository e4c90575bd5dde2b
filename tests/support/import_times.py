"""How long a handler takes to import, beside what it imports of other people's."""

import json
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = ("functions", "shared")
LIMIT = 1.2
ROUNDS, MOST_ROUNDS = 2, 8

# Prints the other people's modules that a module leads to, in the order in which they were begun.
_LIST = """
import importlib, json, sys
begun = []
class Watch:
    def find_spec(self, name, path=None, target=None):
        begun.append(name)
sys.meta_path.insert(0, Watch())
importlib.import_module(sys.argv[1])
own = set(sys.stdlib_module_names) | set(json.loads(sys.argv[2]))
# A module whose package is not there was imported past its package (the packet modules): too little to count.
names = [
    name
    for name in dict.fromkeys(begun)
    if name in sys.modules and name.partition(".")[0] in sys.modules.keys() - own
]
print(json.dumps(names))
"""

# Imports modules and prints the seconds of processor time that took.
_TIME = """
import importlib, json, sys, time
names = json.loads(sys.argv[1])
started = time.process_time()
for name in names:
    try:
        importlib.import_module(name)
    except ImportError:
        pass
print(time.process_time() - started)
"""


@dataclass(frozen=True)
class ImportTime:
    """Seconds of processor time, the best of several processes each."""

    handler: float
    libraries: float

    @property
    def ratio(self) -> float:
        """The handler's time over that of its libraries alone."""
        return self.handler / self.libraries


def handlers() -> list[str]:
    """The modules that Lambda imports."""
    found = [*(ROOT / "functions").glob("*/handler.py"), *(ROOT / "functions").glob("*/greeter.py")]
    return sorted(".".join(path.relative_to(ROOT).with_suffix("").parts) for path in found)


@cache
def measure(handler: str) -> ImportTime:
    """A handler's import and its libraries', by turns in fresh processes of one run.

    A busy machine only ever adds time, so more rounds are run while the handler looks too slow.
    """
    libraries = json.loads(_python(_LIST, handler, json.dumps(OURS)))
    best = ImportTime(float("inf"), float("inf"))
    for number in range(MOST_ROUNDS):
        own = float(_python(_TIME, json.dumps([handler])))
        others = float(_python(_TIME, json.dumps(libraries)))
        best = ImportTime(min(best.handler, own), min(best.libraries, others))
        if number + 1 >= ROUNDS and best.ratio <= LIMIT:
            break
    return best


def _python(script: str, *arguments: str) -> str:
    result = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout
