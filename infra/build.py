"""Builds what gets deployed: Lambda layers, function code and the web app. No Docker; what is unchanged is kept.

A built asset lies in `build/assets/<name>-<hash of all it was made from>/`. That hash is also the asset's hash in the
template, so two machines that build the same sources deploy the same thing.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, get_args

from aws_cdk import AssetHashType
from aws_cdk import aws_lambda as lambda_

from infra.functions import FUNCTIONS, WITHOUT_BASE, FunctionSpec, Layer
from infra.openapi import write_openapi
from infra.packing import left_where_it_is, packed
from infra.stage import Stage

ROOT = Path(__file__).resolve().parent.parent
ASSETS = ROOT / "build" / "assets"
KEPT_SECONDS = 24 * 3600
FORMAT = "3"
"""Part of every hash; another one when this module builds differently."""

RUNTIME_VERSION, RUNTIME_PLATFORM = "3.13", "aarch64-manylinux_2_28"
UNZIPPED_LIMIT = 250 * 1024 * 1024
"""Function and layers together, https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

_WEB_OUTPUT = frozenset({"node_modules", "build", ".svelte-kit", "test-results", "paraglide", "schema.d.ts"})
_LEFT_OUT = {"__pycache__", "tests", ".DS_Store", ".mypy_cache", ".ruff_cache"}


class BuildError(RuntimeError):
    """Something could not be built; the message says what and why."""


class Builder(Protocol):
    """Where the stacks get their code from."""

    def layer(self, name: Layer) -> lambda_.Code:
        """The content of a layer."""

    def function_code(self, spec: FunctionSpec) -> lambda_.Code:
        """The code of a function."""

    def web(self) -> Path:
        """The folder of the built web app."""


@dataclass(frozen=True)
class Target:
    """What layers are resolved and byte-compiled for. An empty `platform`: this machine, for `python`."""

    python: str
    version: str
    platform: str = ""

    @property
    def arguments(self) -> list[str]:
        """The arguments that make uv resolve for this target."""
        if not self.platform:
            return ["--python", self.python]
        return ["--python-version", self.version, "--python-platform", self.platform, "--only-binary", ":all:"]


def find_uv() -> str:
    """The uv executable: `$UV`, or the one on the path; raises `BuildError` without one."""
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv is None:
        raise BuildError("uv is not on the path; `make` installs it, or see https://docs.astral.sh/uv/")
    return uv


def _run(*command: str, folder: Path = ROOT) -> str:
    # The CDK CLI asks for colours, which would end up in what is read from standard output here.
    environment = {key: value for key, value in os.environ.items() if key != "FORCE_COLOR"} | {"NO_COLOR": "1"}
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=environment)
    if result.returncode != 0:
        raise BuildError(f"{' '.join(command)} failed:\n{result.stderr.strip() or result.stdout.strip()}")
    return result.stdout


def _version_of(python: str) -> str:
    return _run(python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])").strip()


def target_for(stage: Stage) -> Target:
    """This machine's interpreter for the local stage, Lambda's runtime for the others."""
    if stage.local is not None:
        python = stage.local.layer_python or sys.executable
        return Target(python, _version_of(python))
    if sys.version_info[:2] == (3, 13):
        return Target(sys.executable, RUNTIME_VERSION, RUNTIME_PLATFORM)
    try:
        python = _run(find_uv(), "python", "find", "--no-python-downloads", RUNTIME_VERSION).strip()
    except BuildError:
        python = ""  # byte code of another version would be ignored: then there is none
    return Target(python, RUNTIME_VERSION, RUNTIME_PLATFORM)


def _files(folder: Path, left_out: frozenset[str] = frozenset()) -> Iterator[Path]:
    for current, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - _LEFT_OUT - left_out)
        for name in sorted(set(names) - _LEFT_OUT - left_out):
            if not name.endswith(".pyc"):
                yield Path(current, name)


def _digest(parts: Iterable[bytes | str]) -> str:
    digest = hashlib.sha256()
    for part in (FORMAT, *parts):
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _made(name: str, digest: str, make: Callable[[Path], None]) -> Path:
    """The asset folder of `name`; made beside it first and moved there whole, when it does not exist yet."""
    target = ASSETS / f"{name}-{digest[:20]}"
    if target.is_dir():
        os.utime(target)
        return target
    ASSETS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ASSETS, prefix=f".{name}-") as temporary:
        made = Path(temporary, "asset")
        made.mkdir()
        make(made)
        try:
            made.rename(target)
        except OSError:
            if not target.is_dir():  # another build was first otherwise
                raise
    _forget(name)
    return target


def _forget(name: str) -> None:
    """Deletes assets of this name that nobody has asked for in a day."""
    for old in ASSETS.glob(f"{name}-*"):
        if time.time() - old.stat().st_mtime > KEPT_SECONDS:
            old.unlink(missing_ok=True) if old.is_file() else shutil.rmtree(old, ignore_errors=True)


class AssetBuilder:
    """Builds for one stage."""

    def __init__(self, stage: Stage) -> None:
        self._target = target_for(stage)

    def layer(self, name: Layer) -> lambda_.Code:
        """The layer of `layers/<name>/requirements.txt`, in the versions of uv.lock, without what `base` has.

        Nor does it have what matches a line of `layers/<name>/left_out.txt`, where there is one.
        """
        return self._asset(*self.layer_folder(name))

    def layer_folder(self, name: Layer) -> tuple[Path, str]:
        """The folder and hash of a layer; raises `BuildError` when it is over Lambda's limit."""
        alone = name == "base" or name in WITHOUT_BASE
        names: list[Layer] = [name] if alone else ["base", name]
        inputs = [(ROOT / "layers" / each / "requirements.txt").read_bytes() for each in names]
        inputs += [line.encode() for line in _left_out(name)]
        target = [
            self._target.version,
            self._target.platform or sys.platform,
            "compiled" if self._target.python else "",
        ]
        digest = _digest([*inputs, (ROOT / "uv.lock").read_bytes(), *target])
        folder = _made(f"layer-{name}", digest, lambda made: self._make_layer(name, made))
        # Packages for this machine may be larger than Lambda's; nothing limits them here.
        if self._target.platform and (size := _size(folder)) > UNZIPPED_LIMIT:
            raise BuildError(f"layer {name} is {size >> 20} MB unzipped; Lambda takes 250 MB with the function's code")
        return folder, digest

    def function_code(self, spec: FunctionSpec) -> lambda_.Code:
        """The folder of a function with the shared package, byte-compiled."""
        return self._asset(*self.function_folder(spec))

    def function_folder(self, spec: FunctionSpec) -> tuple[Path, str]:
        """The folder and hash of a function's code; raises `BuildError` when it has none."""
        if not (ROOT / "functions" / spec.code).is_dir():
            raise BuildError(f"functions/{spec.code} is not there, though {spec.name} is in infra/functions.py")
        own = [ROOT / "functions" / "__init__.py", *_files(ROOT / "functions" / spec.code)]
        digest = self._code_digest([*own, *_files(ROOT / "shared")])

        def make(made: Path) -> None:
            shutil.copytree(self._shared_folder(), made, dirs_exist_ok=True)
            self._copy_code(own, made, made / "functions")

        return _made(f"function-{spec.code}", digest, make), digest

    def _shared_folder(self) -> Path:
        """The shared package, byte-compiled once for all functions."""
        sources = list(_files(ROOT / "shared"))
        return _made("shared", self._code_digest(sources), lambda made: self._copy_code(sources, made, made))

    def _code_digest(self, sources: Iterable[Path]) -> str:
        contents = [part for path in sources for part in (str(path.relative_to(ROOT)), path.read_bytes())]
        return _digest([*contents, self._target.version, "compiled" if self._target.python else ""])

    def _copy_code(self, sources: Iterable[Path], made: Path, compiled: Path) -> None:
        for path in sources:
            copy = made / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
            copy.chmod(0o755 if path.suffix == ".sh" else 0o644)
        self._compile(compiled, made)

    def build_all(self) -> None:
        """Builds all layers and functions, as many at a time as there are processors: then the stacks find them."""
        self._shared_folder()
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(lambda name: self._package(*self.layer_folder(name)), get_args(Layer)))
            list(pool.map(lambda spec: self._package(*self.function_folder(spec)), FUNCTIONS))

    def _asset(self, folder: Path, digest: str) -> lambda_.Code:
        package, digest = self._package(folder, digest)
        return lambda_.Code.from_asset(str(package), asset_hash=digest, asset_hash_type=AssetHashType.CUSTOM)

    def _package(self, folder: Path, digest: str) -> tuple[Path, str]:
        if self._target.platform:
            return packed(folder), digest
        return left_where_it_is(folder), _digest([digest, str(folder)])

    def web(self) -> Path:
        """The folder of the built web app; installs its packages first where there are none."""
        sources = list(_files(ROOT / "web", _WEB_OUTPUT))
        document = write_openapi(ROOT / "build" / "openapi.json")
        contents = [part for path in sources for part in (str(path.relative_to(ROOT)), path.read_bytes())]
        return _made("web", _digest([*contents, document.read_bytes()]), self._make_web)

    def _make_web(self, made: Path) -> None:
        npm = shutil.which("npm")
        if npm is None:
            raise BuildError("npm is not on the path; `make` installs it, or see https://nodejs.org/")
        web = ROOT / "web"
        if not (web / "node_modules").is_dir():
            _run(npm, "ci", "--no-audit", "--no-fund", folder=web)
        _run(npm, "run", "--silent", "build", folder=web)
        shutil.copytree(web / "build", made, dirs_exist_ok=True)

    def _make_layer(self, name: Layer, made: Path) -> None:
        uv = find_uv()
        with tempfile.TemporaryDirectory() as temporary:
            constraints = Path(temporary, "constraints.txt")
            constraints.write_text(
                _run(
                    uv, "export", "--frozen", "--no-hashes", "--no-default-groups", "--no-emit-project", "--no-annotate"
                )
            )
            pinned = self._resolve(name, constraints)
            if name != "base" and name not in WITHOUT_BASE:
                pinned -= self._resolve("base", constraints)
            wanted = Path(temporary, "requirements.txt")
            wanted.write_text("\n".join(sorted(pinned)))
            python = made / "python"
            _run(uv, "pip", "install", "--quiet", "--no-deps", "--link-mode", "copy",
                 "--target", str(python), "--requirements", str(wanted), *self._target.arguments)  # fmt: skip
        shutil.rmtree(python / "bin", ignore_errors=True)  # scripts name the interpreter of this machine
        (python / ".lock").unlink(missing_ok=True)
        for pattern in _left_out(name):
            for path in list(python.glob(pattern)):
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        self._compile(python, made)

    def _resolve(self, name: Layer, constraints: Path) -> set[str]:
        requirements = ROOT / "layers" / name / "requirements.txt"
        found = _run(find_uv(), "pip", "compile", "--quiet", "--no-header", "--no-annotate", "--no-emit-index-url",
                     "--constraints", str(constraints), str(requirements), *self._target.arguments)  # fmt: skip
        return {line.strip() for line in found.splitlines() if line.strip() and not line.startswith("#")}

    def _compile(self, folder: Path, strip: Path) -> None:
        if self._target.python:
            _run(self._target.python, "-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash",
                 "-s", str(strip), str(folder))  # fmt: skip


def _left_out(name: Layer) -> list[str]:
    """What a layer does without, as patterns below its packages."""
    path = ROOT / "layers" / name / "left_out.txt"
    return path.read_text().split() if path.is_file() else []
