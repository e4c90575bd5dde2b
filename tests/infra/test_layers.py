"""Every function finds all it imports in its own code and layers, as on Lambda."""

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from infra.build import UNZIPPED_LIMIT, AssetBuilder
from infra.functions import BY_NAME, FUNCTIONS, FunctionSpec
from infra.stage import LocalStage, Stage


@cache
def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def builder() -> AssetBuilder:
    return AssetBuilder(Stage("local", local=LocalStage(layer_python=sys.executable)))


@pytest.mark.timeout(300)  # the first build downloads the packages
@pytest.mark.parametrize("spec", FUNCTIONS, ids=lambda spec: spec.name)
def test_a_function_imports_with_its_layers_alone(spec: FunctionSpec, builder: AssetBuilder) -> None:
    code, _ = builder.function_folder(spec)
    folders = [builder.layer_folder(name)[0] for name in spec.layers]
    if spec.name != "ocr":  # its packages for this machine are much larger than those for Lambda
        size = sum(map(size_of, [code, *folders]))
        assert size < UNZIPPED_LIMIT, f"{spec.name} is {size >> 20} MB"
    layers = [str(folder / "python") for folder in folders]
    module = f"functions.{spec.code}.handler" if spec.streams else spec.entry.rpartition(".")[0]
    name = "app" if spec.streams else "handler"
    program = f"import sys; sys.path[:0] = {[str(code), *layers]!r}; from {module} import {name}"
    environment = {"AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}
    result = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.timeout(300)
def test_what_is_built_for_lambda_is_not_too_large() -> None:
    spec, builder = BY_NAME["ocr"], AssetBuilder(Stage("prod"))
    folders = [builder.function_folder(spec)[0], *(builder.layer_folder(name)[0] for name in spec.layers)]
    size = sum(map(size_of, folders))
    assert size < UNZIPPED_LIMIT, f"ocr and its layers are {size >> 20} MB unzipped"


@pytest.mark.timeout(300)
def test_a_document_is_typeset_with_the_fonts_of_its_layer(builder: AssetBuilder) -> None:
    spec = BY_NAME["transfer"]
    code, _ = builder.function_folder(spec)
    layers = [str(builder.layer_folder(name)[0] / "python") for name in spec.layers]
    program = (
        f"import sys; sys.path[:0] = {[str(code), *layers]!r}; from functions.transfer.pdf import typeset; "
        "sys.stdout.buffer.write(typeset('日本 한국', [('You', '**bold** 你好 😀 `code` سلام')]))"
    )
    result = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, check=False)
    assert result.stdout.startswith(b"%PDF"), result.stderr.decode()
