"""The OpenAI-compatible provider against a server that misbehaves."""

import httpx2
import pytest

from shared.guarded import GuardedTransport
from shared.llm import errors, http
from shared.llm.azure import Azure
from shared.llm.errors import ProviderError, Trouble
from shared.llm.openai_compatible import Endpoint, OpenAICompatible
from shared.llm.provider import Chunk
from tests.support.model_server import Behaviour, ModelServer

BODY = {"model": "test-model", "messages": [{"role": "user", "content": "Hi"}]}


async def streamed(provider: OpenAICompatible) -> list[Chunk]:
    return [chunk async for chunk in provider.stream(BODY)]


async def trouble_of(provider: OpenAICompatible) -> ProviderError:
    with pytest.raises(ProviderError) as failed:
        await streamed(provider)
    return failed.value


@pytest.fixture
def provider(server: ModelServer) -> OpenAICompatible:
    return OpenAICompatible(Endpoint(server.url, "sk-secret", {"x-team": "tests"}))


async def test_chunks_carry_text_finish_and_usage(server: ModelServer, provider: OpenAICompatible) -> None:
    body = {**BODY, "stream_options": {"include_usage": True}, "seed": 7}
    chunks = [chunk async for chunk in provider.stream(body)]
    assert "".join(chunk.content for chunk in chunks) == "Hello, world!"
    assert [chunk.finish_reason for chunk in chunks if chunk.finish_reason] == ["stop"]
    assert chunks[-1].usage == {"prompt_tokens": 7, "completion_tokens": 4, "total_tokens": 11}
    [seen] = server.completions()
    assert seen.body == {**body, "stream": True}
    assert seen.headers["authorization"] == "Bearer sk-secret"
    assert seen.headers["x-team"] == "tests"


@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_odd_chunking_changes_nothing(server: ModelServer, provider: OpenAICompatible, size: int) -> None:
    server.default = Behaviour(tokens=["Grüße ", "👋🏽", " ok"], cut_bytes=size)
    assert "".join(chunk.content for chunk in await streamed(provider)) == "Grüße 👋🏽 ok"


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
async def test_reasoning_is_told_from_the_answer(server: ModelServer, provider: OpenAICompatible, field: str) -> None:
    server.default = Behaviour(reasoning=["Let me ", "think"], reasoning_field=field)
    chunks = await streamed(provider)
    assert "".join(chunk.reasoning for chunk in chunks) == "Let me think"
    assert "".join(chunk.content for chunk in chunks) == "Hello, world!"


@pytest.mark.parametrize(
    ("status", "error", "trouble"),
    [
        (401, {"message": "Incorrect API key provided"}, Trouble.KEY),
        (404, {"message": "The model `test-model` does not exist", "code": "model_not_found"}, Trouble.MODEL),
        (400, {"message": "maximum context length is 8192", "code": "context_length_exceeded"}, Trouble.CONTEXT),
        (400, {"message": "temperature must be below 2"}, Trouble.REQUEST),
        (500, {"message": "oops"}, Trouble.OTHER),
    ],
)
async def test_each_refusal_has_its_words(
    server: ModelServer, provider: OpenAICompatible, status: int, error: dict[str, str], trouble: Trouble
) -> None:
    server.default = Behaviour(status=status, error=error)
    failed = await trouble_of(provider)
    assert failed.trouble is trouble
    assert error["message"] in failed.detail
    assert len(server.completions()) == 1


async def test_a_rate_limit_is_tried_again_after_the_time_asked_for(
    server: ModelServer, provider: OpenAICompatible
) -> None:
    server.default = Behaviour(status=429, failures=1, headers={"retry-after": "0.2"})
    assert await streamed(provider)
    first, second = server.completions()
    assert second.at - first.at >= 0.2


async def test_a_rate_limit_that_stays_is_told_after_three_tries(
    server: ModelServer, provider: OpenAICompatible, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errors, "FIRST_PAUSE_SECONDS", 0.01)
    server.default = Behaviour(status=429)
    failed = await trouble_of(provider)
    assert (failed.trouble, failed.status) == (Trouble.RATE, 429)
    assert len(server.completions()) == 3


async def test_a_rate_limit_with_a_long_wait_is_told_at_once(server: ModelServer, provider: OpenAICompatible) -> None:
    server.default = Behaviour(status=429, headers={"retry-after": "3600"})
    failed = await trouble_of(provider)
    assert failed.retry_after == 3600
    assert len(server.completions()) == 1


async def test_a_dropped_stream_is_told_after_its_text(server: ModelServer, provider: OpenAICompatible) -> None:
    server.default = Behaviour(tokens=["x"] * 10, drop_at=5)
    text: list[str] = []

    async def read() -> None:
        async for chunk in provider.stream(BODY):
            text.append(chunk.content)

    with pytest.raises(ProviderError) as failed:
        await read()
    assert failed.value.trouble is Trouble.BROKEN
    assert "".join(text) == "xxxxx"


async def test_an_error_inside_the_stream_is_told(server: ModelServer, provider: OpenAICompatible) -> None:
    server.default = Behaviour(error_at=2, error={"message": "Rate limit reached", "code": "rate_limit_exceeded"})
    assert (await trouble_of(provider)).trouble is Trouble.RATE


@pytest.mark.parametrize("silent_at", [0, 2])
async def test_silence_is_told(server: ModelServer, silent_at: int) -> None:
    server.default = Behaviour(silent_at=silent_at)
    timeout = httpx2.Timeout(0.2, connect=1)
    provider = OpenAICompatible(Endpoint(server.url))
    provider._sdk_for("test-model").timeout = timeout
    assert (await trouble_of(provider)).trouble is Trouble.SILENCE


async def test_nobody_there_is_told() -> None:
    failed = await trouble_of(OpenAICompatible(Endpoint("http://127.0.0.1:9/v1")))
    assert failed.trouble is Trouble.UNREACHABLE
    assert "127.0.0.1:9" in failed.detail


async def test_an_address_of_the_cloud_is_refused_by_its_words() -> None:
    failed = await trouble_of(OpenAICompatible(Endpoint("http://169.254.169.254/latest")))
    assert failed.trouble is Trouble.REFUSED_ADDRESS


async def test_closing_the_stream_closes_the_connection_to_the_server(
    server: ModelServer, provider: OpenAICompatible
) -> None:
    server.default = Behaviour(tokens=["x"] * 1000, tokens_per_second=100)
    stream = provider.stream(BODY)
    await anext(stream)
    await stream.aclose()
    assert server.closed_early.wait(5)


async def test_models_come_as_the_server_names_them(server: ModelServer, provider: OpenAICompatible) -> None:
    [model] = await provider.models()
    assert (model.id, model.name) == ("test-model", "test-model")


async def test_without_a_key_no_authorization_is_sent(server: ModelServer) -> None:
    await OpenAICompatible(Endpoint(server.url)).embed({"model": "e", "input": ["abc"]})
    assert "authorization" not in server.requests[-1].headers


async def test_azure_has_its_own_address_and_header(server: ModelServer) -> None:
    azure = Azure(Endpoint(server.url, "k"), "2024-10-21")
    await azure.complete(BODY)
    seen = server.requests[-1]
    assert seen.path == "/v1/openai/deployments/test-model/chat/completions"
    assert seen.headers["api-key"] == "k"
    assert "authorization" not in seen.headers


async def test_a_redirect_to_the_metadata_service_is_refused() -> None:
    async def redirect(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(302, headers={"location": "http://169.254.169.254/latest/meta-data/"})

    transport = GuardedTransport(http.allowed, http._refused)
    transport._inner = httpx2.MockTransport(redirect)  # type: ignore[assignment]
    async with httpx2.AsyncClient(transport=transport, follow_redirects=True) as client:
        with pytest.raises(ProviderError):
            await client.get("http://127.0.0.1/v1/models")
