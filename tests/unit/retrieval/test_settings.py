"""Which embedding model is there from the start."""

import pytest

from shared.retrieval.settings import LOCAL_MODEL, RetrievalSettings
from shared.settings import Settings


def test_bedrock_works_by_iam_on_aws_and_elsewhere_a_model_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {}
    for stage in ("local", "prod"):
        monkeypatch.setattr("shared.retrieval.settings.settings", lambda stage=stage: Settings(stage=stage))
        chosen = RetrievalSettings().embedding
        found[stage] = (chosen.engine, chosen.model)
    assert found == {"local": ("", LOCAL_MODEL), "prod": ("bedrock", "amazon.titan-embed-text-v2:0")}
