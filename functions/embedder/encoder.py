"""A model of the hub on onnxruntime: sentences to vectors, or pairs of question and text to scores."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

Floats = NDArray[np.float32]

LONGEST = 1024
"""Tokens of a text that are read at most; more take too long without a GPU."""
AT_ONCE = 16
DEFAULT_LONGEST = 512
REMEMBERED = 100
"""Texts whose tokens' vectors are kept: the same passages are ranked for one question after the other."""


class Unsuitable(Exception):
    """The model does something else than what is asked of it."""


class Encoder:
    """A model in a folder: one `.onnx` file, `tokenizer.json`, and the settings that sentence-transformers writes."""

    def __init__(self, folder: Path) -> None:
        [model] = sorted(folder.rglob("*.onnx"))
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self._inputs = {each.name for each in self._session.get_inputs()}
        self._outputs = [each.name for each in self._session.get_outputs()]
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(_longest(folder))
        self._tokenizer.no_padding()
        self._pooling = _settings(folder / "1_Pooling" / "config.json")
        self._read: dict[str, Floats] = {}
        self._pad = int(_settings(folder / "config.json").get("pad_token_id") or 0)

    def embed(self, texts: Sequence[str]) -> Floats:
        """Vectors of length 1, a row for each text."""
        return self._in_batches(self._tokenizer.encode_batch(list(texts)), self._sentences)

    def rank(self, query: str, texts: Sequence[str]) -> list[float]:
        """How well each text answers the query, from 0 to 1; raises `Unsuitable`.

        A cross-encoder reads both together; of a model that gives a vector for each token the best match of each
        token of the query counts (ColBERT, https://arxiv.org/abs/2004.12832).
        """
        if not texts:
            return []
        if "logits" in self._outputs:
            pairs = self._tokenizer.encode_batch([(query, text) for text in texts])
            return [float(score) for score in self._in_batches(pairs, self._scores)[:, 0]]
        if not self._gives_tokens:
            raise Unsuitable("it gives neither scores nor vectors of tokens. Choose a cross-encoder.")
        asked = self._tokens(self._tokenizer.encode_batch([query]))[0]
        unread = [text for text in dict.fromkeys(texts) if text not in self._read]
        for batch in _batches(unread):
            self._read |= zip(batch, self._tokens(self._tokenizer.encode_batch(list(batch))), strict=True)
        scores = [_best_matches(asked, self._read[text]) for text in texts]
        self._read = dict(list(self._read.items())[-REMEMBERED:])
        return scores

    @property
    def _gives_tokens(self) -> bool:
        return "last_hidden_state" in self._outputs or "token_embeddings" in self._outputs

    def _in_batches(self, encoded: Sequence[Encoding], work: Any) -> Floats:
        """Rows for encodings, in their order: those of like length go together, as the shorter ones are padded."""
        order = sorted(range(len(encoded)), key=lambda index: len(encoded[index].ids))
        rows: list[Any] = [None] * len(encoded)
        for batch in _batches(order):
            for index, row in zip(batch, work([encoded[index] for index in batch]), strict=True):
                rows[index] = row
        return np.stack(rows).astype(np.float32)

    def _run(self, encoded: Sequence[Encoding]) -> tuple[dict[str, Floats], Floats]:
        """The outputs by name, and the mask of what is no padding."""
        width = max(len(each.ids) for each in encoded)
        ids = np.full((len(encoded), width), self._pad, dtype=np.int64)
        types, mask = np.zeros_like(ids), np.zeros_like(ids)
        for row, each in enumerate(encoded):
            ids[row, : len(each.ids)], types[row, : len(each.ids)] = each.ids, each.type_ids
            mask[row, : len(each.ids)] = 1
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
        answers = self._session.run(None, {name: value for name, value in given.items() if name in self._inputs})
        return dict(zip(self._outputs, map(np.asarray, answers), strict=True)), mask.astype(np.float32)

    def _sentences(self, encoded: Sequence[Encoding]) -> Floats:
        outputs, mask = self._run(encoded)
        if "sentence_embedding" in outputs:
            return _unit(outputs["sentence_embedding"])
        tokens = outputs.get("last_hidden_state", outputs[self._outputs[0]])
        if tokens.ndim == 2:
            return _unit(tokens)
        if self._pooling.get("pooling_mode_cls_token"):
            return _unit(tokens[:, 0])
        if self._pooling.get("pooling_mode_lasttoken"):
            return _unit(tokens[np.arange(len(tokens)), mask.sum(axis=1).astype(int) - 1])
        return _unit((tokens * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1)[:, None])

    def _scores(self, encoded: Sequence[Encoding]) -> Floats:
        logits = self._run(encoded)[0]["logits"].astype(np.float64)
        if logits.shape[1] == 1:
            return (1 / (1 + np.exp(-np.clip(logits, -50, 50)))).astype(np.float32)
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        return (shares / shares.sum(axis=1, keepdims=True))[:, -1:].astype(np.float32)

    def _tokens(self, encoded: Sequence[Encoding]) -> list[Floats]:
        outputs, mask = self._run(encoded)
        tokens = outputs.get("token_embeddings", outputs.get("last_hidden_state"))
        assert tokens is not None
        return [_unit(row[: int(kept.sum())]) for row, kept in zip(tokens, mask, strict=True)]


def _best_matches(asked: Floats, told: Floats) -> float:
    """The mean of the best cosine of each token, the marks at both ends left out."""
    inner = asked[1:-1] if len(asked) > 2 else asked
    return float(np.clip((inner @ told.T).max(axis=1).mean(), 0, 1))


def _unit(rows: Floats) -> Floats:
    return (rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12)).astype(np.float32)


def _batches(values: Sequence[Any]) -> list[Sequence[Any]]:
    return [values[start : start + AT_ONCE] for start in range(0, len(values), AT_ONCE)]


def _longest(folder: Path) -> int:
    told = _settings(folder / "sentence_bert_config.json").get("max_seq_length")
    told = told or _settings(folder / "tokenizer_config.json").get("model_max_length")
    return min(int(told), LONGEST) if told and int(told) > 1 else DEFAULT_LONGEST


def _settings(path: Path) -> dict[str, Any]:
    found = json.loads(path.read_text()) if path.is_file() else {}
    return found if isinstance(found, dict) else {}
