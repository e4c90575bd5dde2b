"""The stock OpenAI SDKs, unchanged, with an API key of ours."""

import json
import subprocess
from collections.abc import Iterator

import openai
import pytest

from tests.integration.answers_site import Site, connected
from tests.support.model_server import Behaviour
from tests.support.socket_client import ROOT, node
from tests.support.stack import Stack


@pytest.fixture(scope="module")
def whole_site(cirrus: Stack) -> Iterator[Site]:
    with connected(cirrus) as site:
        yield site


@pytest.fixture
def site(whole_site: Site) -> Site:
    whole_site.server.reset()
    return whole_site


@pytest.fixture(scope="module")
def key(whole_site: Site) -> str:
    answer = whole_site.person().http.post("/api/v1/auths/api_key")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["api_key"])


@pytest.fixture
def sdk(site: Site, key: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{site.url}/api", api_key=key, max_retries=0) as client:
        yield client


def test_models_are_listed(site: Site, sdk: openai.OpenAI) -> None:
    assert site.model in [model.id for model in sdk.models.list()]


def test_a_stream_arrives_with_usage(site: Site, sdk: openai.OpenAI) -> None:
    stream = sdk.chat.completions.create(
        model=site.model,
        messages=[{"role": "user", "content": "Hi"}],
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = list(stream)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == "Hello, world!"
    assert chunks[-1].usage
    assert chunks[-1].usage.completion_tokens == 4


def test_tools_and_pictures_pass_through(site: Site, sdk: openai.OpenAI) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "clock", "arguments": "{}"}}
    site.server.default = Behaviour(tokens=[], tool_calls=[call])
    picture = "data:image/png;base64,aGk="
    answer = sdk.chat.completions.create(
        model=site.model,
        messages=[
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What time is it there?"},
                    {"type": "image_url", "image_url": {"url": picture}},
                ],
            }
        ],
        tools=[{"type": "function", "function": {"name": "clock", "parameters": {"type": "object", "properties": {}}}}],
    )
    [made] = answer.choices[0].message.tool_calls or []
    assert (made.id, made.type) == ("c1", "function")
    seen = site.server.completions()[0].body
    assert seen["messages"][0]["content"][1]["image_url"]["url"] == picture
    assert seen["tools"][0]["function"]["name"] == "clock"


def test_embeddings_are_made(site: Site, sdk: openai.OpenAI) -> None:
    made = sdk.embeddings.create(model=site.model, input=["abc", "d"], encoding_format="float")
    assert [entry.embedding for entry in made.data] == [[3.0, 1.0], [1.0, 1.0]]


def test_errors_are_the_sdks_own(site: Site, sdk: openai.OpenAI) -> None:
    site.server.default = Behaviour(status=429, headers={"retry-after": "60"})
    with pytest.raises(openai.RateLimitError):
        sdk.chat.completions.create(model=site.model, messages=[{"role": "user", "content": "Hi"}])
    with pytest.raises(openai.NotFoundError):
        sdk.chat.completions.create(model="gone", messages=[{"role": "user", "content": "Hi"}])
    with pytest.raises(openai.AuthenticationError):
        sdk.with_options(api_key="sk-wrong").models.list()


def test_the_node_sdk_does_the_same(site: Site, key: str) -> None:
    script = ROOT / "tests" / "integration" / "node" / "openai.mjs"
    command = [node(), str(script), f"{site.url}/api", key, site.model]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "listed": True,
        "streamed": "Hello, world!",
        "answered": "Hello, world!",
        "embedded": [3, 1],
        "refused": 404,
    }
