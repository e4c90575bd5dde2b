"""No secret leaves by an export."""

from pathlib import Path

import pytest

from functions.platform.changelog import RELEASES
from functions.platform.transfer import HIDDEN, _without_secrets
from shared.version import VERSION

SECRET_NAMES = (
    "key keys api_key API_KEYS client_secret password app_dn_password token access_tokens headers Authorization"
)


@pytest.mark.parametrize("name", SECRET_NAMES.split())
@pytest.mark.parametrize("value", ["s3cret", ["s3cret"], {"a": "s3cret"}])
def test_values_of_secret_names_are_hidden(name: str, value: object) -> None:
    assert _without_secrets({"a": [{name: value}]}) == {"a": [{name: HIDDEN}]}


def test_secrets_of_retrieval_are_hidden_whatever_their_names() -> None:
    secrets = {"sougou_api_sk": "s", "youtube_loader_proxy_url": "s", "tavily_api_key": "s"}
    exported = _without_secrets({"retrieval": {"mistral_ocr_api_key": "s", "web": secrets}})
    hidden = dict.fromkeys(secrets, HIDDEN)
    assert exported == {"retrieval": {"mistral_ocr_api_key": HIDDEN, "web": hidden}}


@pytest.mark.parametrize("name", ["keyboard", "enable_api_key", "max_tokens_shown", "tokenizer", "monkey_name"])
def test_other_values_stay(name: str) -> None:
    assert _without_secrets({name: True, "x": "text"}) == {name: True, "x": "text"}


def test_what_is_empty_stays_empty() -> None:
    assert _without_secrets({"key": "", "headers": None}) == {"key": "", "headers": None}


def test_credentials_in_an_address_are_hidden() -> None:
    hidden = _without_secrets({"url": "https://me:s3cret@example.com/v1"})
    assert hidden == {"url": f"https://{HIDDEN}@example.com/v1"}


def test_the_version_is_the_projects_and_in_the_changelog() -> None:
    project = Path(__file__).parents[3].joinpath("pyproject.toml").read_text()
    assert f'version = "{VERSION}"' in project
    assert next(iter(RELEASES)) == VERSION
