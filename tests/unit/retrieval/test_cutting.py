"""Which splitter cuts, and whose tokens it counts."""

import json
import tempfile
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from shared.retrieval.cutting import split_settings
from shared.retrieval.settings import Embedding, RetrievalSettings
from shared.segments import Segment
from shared.splitting import SplitSettings, split
from shared.storage import objects

WORDS = {
    "version": "1.0",
    "added_tokens": [],
    "pre_tokenizer": {"type": "WhitespaceSplit"},
    "model": {"type": "WordLevel", "vocab": {"[UNK]": 0}, "unk_token": "[UNK]"},
}


def test_characters_where_nothing_is_said() -> None:
    section = RetrievalSettings(chunk_size=300, chunk_overlap=30)
    assert split_settings(section) == SplitSettings("character", 300, 30)


def test_tokens_are_those_of_the_model_of_this_stage_once_it_is_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    asked: list[str] = []
    stored: dict[str, bytes] = {}

    def get(key: str) -> bytes:
        asked.append(key)
        if key not in stored:
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        return stored[key]

    monkeypatch.setattr(objects, "get", get)
    section = RetrievalSettings(text_splitter="token", chunk_size=50, chunk_overlap=0)
    assert split_settings(section).tokenizer == ""
    (key,) = asked
    stored[key] = json.dumps(WORDS).encode()
    settings = split_settings(section)
    assert [len(chunk.text.split()) for chunk in split([Segment("word " * 120)], settings)] == [50, 50, 20]
    assert split_settings(section) == settings
    assert len(asked) == 2

    elsewhere = section.model_copy(update={"embedding": Embedding(engine="openai", model="text-embedding-3-small")})
    assert split_settings(elsewhere).tokenizer == ""
    assert len(asked) == 2
