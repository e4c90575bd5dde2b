"""What is built, and that it is not built twice."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from infra import build
from infra.build import AssetBuilder, BuildError
from infra.functions import FunctionSpec
from infra.packing import packed
from infra.stage import LocalStage, Stage

SPEC = FunctionSpec("greetings")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small repository with one function."""
    for name, content in {
        "functions/__init__.py": "",
        "functions/greetings/__init__.py": "",
        "functions/greetings/handler.py": "from shared.words import HELLO\nhandler = lambda event, context: HELLO\n",
        "functions/greetings/tests/test_handler.py": "raise SystemExit",
        "functions/greetings/__pycache__/handler.cpython-312.pyc": "old",
        "functions/other/handler.py": "raise SystemExit",
        "shared/__init__.py": "",
        "shared/words.py": "HELLO = 'hello'\n",
        "shared/data.json": "{}",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(build, "ASSETS", tmp_path / "build" / "assets")
    return tmp_path


@pytest.fixture
def builder() -> AssetBuilder:
    return AssetBuilder(Stage("local", local=LocalStage(layer_python=sys.executable)))


def test_a_function_gets_its_folder_and_the_shared_package_and_runs_from_there(
    repository: Path, builder: AssetBuilder
) -> None:
    folder, _ = builder.function_folder(SPEC)
    sources = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.suffix != ".pyc" and path.is_file()}
    assert sources == {
        "functions/__init__.py",
        "functions/greetings/__init__.py",
        "functions/greetings/handler.py",
        "shared/__init__.py",
        "shared/words.py",
        "shared/data.json",
    }
    code = "from functions.greetings.handler import handler; print(handler({}, None))"
    result = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    assert result.stdout == "hello\n"


def test_byte_code_is_there_and_not_checked_against_its_source(repository: Path, builder: AssetBuilder) -> None:
    folder, _ = builder.function_folder(SPEC)
    (compiled,) = (folder / "functions" / "greetings" / "__pycache__").glob("handler.*.pyc")
    assert compiled.read_bytes()[4:8] == (0b01).to_bytes(4, "little")  # PEP 552: a hash, unchecked


def test_what_is_unchanged_is_not_built_again_and_a_change_is(repository: Path, builder: AssetBuilder) -> None:
    folder, digest = builder.function_folder(SPEC)
    built = folder.stat().st_ino
    assert builder.function_folder(SPEC) == (folder, digest)
    assert folder.stat().st_ino == built
    (repository / "shared" / "words.py").write_text("HELLO = 'good morning'\n")
    other, other_digest = builder.function_folder(SPEC)
    assert other != folder
    assert other_digest != digest


def test_another_functions_change_is_none_of_its_business(repository: Path, builder: AssetBuilder) -> None:
    before = builder.function_folder(SPEC)
    (repository / "functions" / "other" / "handler.py").write_text("pass")
    assert builder.function_folder(SPEC) == before


def test_scripts_can_be_run_in_the_function(repository: Path, builder: AssetBuilder) -> None:
    (repository / "functions" / "greetings" / "run.sh").write_text("#!/bin/sh\n")
    folder, _ = builder.function_folder(SPEC)
    assert (folder / "functions" / "greetings" / "run.sh").stat().st_mode & 0o777 == 0o755
    with ZipFile(packed(folder)) as archive:
        modes = {entry.filename: entry.external_attr >> 16 & 0o777 for entry in archive.infolist()}
    assert modes["functions/greetings/run.sh"] == 0o755
    assert modes.keys() == {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_function_without_code_is_a_mistake_that_says_so(repository: Path, builder: AssetBuilder) -> None:
    with pytest.raises(BuildError, match="functions/missing"):
        builder.function_folder(FunctionSpec("missing"))


def test_a_build_that_fails_leaves_nothing_behind(repository: Path, builder: AssetBuilder) -> None:
    (repository / "shared" / "words.py").write_text("def\n")
    with pytest.raises(BuildError, match=r"words\.py"):
        builder.function_folder(SPEC)
    assert list((repository / "build" / "assets").iterdir()) == []


def test_a_layer_over_lambdas_limit_is_refused(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repository / "layers" / "base").mkdir(parents=True)
    (repository / "layers" / "base" / "requirements.txt").write_text("")
    (repository / "uv.lock").write_text("")
    monkeypatch.setattr(build, "UNZIPPED_LIMIT", 3)
    monkeypatch.setattr(AssetBuilder, "_make_layer", lambda self, name, made: (made / "x").write_text("four"))
    with pytest.raises(BuildError, match="layer base is"):
        AssetBuilder(Stage("prod")).layer_folder("base")


def test_a_layer_has_nothing_of_what_is_left_out_of_it(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    layer = repository / "layers" / "ocr"
    layer.mkdir(parents=True)
    (layer / "requirements.txt").write_text("")
    (layer / "left_out.txt").write_text("**/tests\nlarge/*.bin\n")
    (repository / "uv.lock").write_text("")

    def run(*command: str, folder: Path = repository) -> str:
        if "install" in command:
            for name in ("large/a.bin", "large/a.py", "large/tests/b.py", "small.py"):
                path = Path(command[command.index("--target") + 1], name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text("")
        return ""

    monkeypatch.setattr(build, "_run", run)
    folder, _ = AssetBuilder(Stage("prod")).layer_folder("ocr")
    assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == {
        "python/large/a.py",
        "python/small.py",
    }


def test_lambda_gets_its_own_platform_whatever_builds_it() -> None:
    arguments = build.target_for(Stage("prod")).arguments
    assert arguments == [
        "--python-version",
        "3.13",
        "--python-platform",
        "aarch64-manylinux_2_28",
        "--only-binary",
        ":all:",
    ]
