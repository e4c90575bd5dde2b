"""Which files of a model are fetched."""

import pytest

from functions.embedder.hub import LARGEST, HubFile, chosen
from shared.errors import Invalid

NEEDED = ("tokenizer.json", "config.json")


def picked(*paths: str, machine: str = "x86_64", size: int = 10) -> list[str]:
    files = [HubFile(path, size, "0" * 64) for path in (*paths, *NEEDED, "README.md", "pytorch_model.bin")]
    return [file.path for file in chosen("m", files, machine)]


def test_the_smallest_that_suits_the_machine_is_picked() -> None:
    every = ("onnx/model.onnx", "onnx/model_qint8_arm64.onnx", "onnx/model_quint8_avx2.onnx", "onnx/model_fp16.onnx")
    assert picked(*every)[0] == "onnx/model_quint8_avx2.onnx"
    assert picked(*every, machine="aarch64")[0] == "onnx/model_qint8_arm64.onnx"
    assert picked("onnx/model.onnx", "onnx/model_quantized.onnx")[0] == "onnx/model_quantized.onnx"
    assert picked("model.onnx", "model.onnx_data") == ["model.onnx", "model.onnx_data", *NEEDED]


def test_what_cannot_run_here_is_said() -> None:
    with pytest.raises(Invalid, match="no ONNX file"):
        picked("model.safetensors")
    with pytest.raises(Invalid, match="too large"):
        picked("onnx/model.onnx", size=LARGEST)
