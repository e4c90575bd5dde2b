"""Every function finds all it imports in its own code and layers, as on Lambda."""

import subprocess
import sys

import pytest

from infra.build import UNZIPPED_LIMIT, AssetBuilder
from infra.functions import BY_NAME, FUNCTIONS, FunctionSpec
from infra.stage import LocalStage, Stage


@pytest.fixture(scope="module")
def builder() -> AssetBuilder:
    return AssetBuilder(Stage("local", local=LocalStage(layer_python=sys.executable)))


@pytest.mark.timeout(300)  # the first build downloads the packages
@pytest.mark.parametrize("spec", FUNCTIONS, ids=lambda spec: spec.name)
def test_a_function_imports_with_its_layers_alone(spec: FunctionSpec, builder: AssetBuilder) -> None:
    code, _ = builder.function_folder(spec)
    folders = [builder.layer_folder(name)[0] for name in spec.layers]
    size = sum(path.stat().st_size for folder in (code, *folders) for path in folder.rglob("*") if path.is_file())
    assert size < UNZIPPED_LIMIT, f"{spec.name} and its layers are {size >> 20} MB unzipped"
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
