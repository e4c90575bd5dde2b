"""One suite over all providers that speak HTTP: the same answer and the same failures, in each one's own protocol."""

import json
from contextlib import suppress

import httpx2
import pytest

from shared.llm import errors
from shared.llm.errors import ProviderError, Trouble
from shared.llm.openai_compatible import Endpoint
from shared.llm.provider import Chunk, Json, Provider
from tests.support.recorded import Player, Recording
from tests.unit.llm.dialects import DIALECTS, Dialect

BODY: Json = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
PNG = "data:image/png;base64,aGk="
TOOL = {
    "type": "function",
    "function": {"name": "clock", "description": "Tells the time", "parameters": {"type": "object"}},
}
CONVERSATION: Json = {
    "model": "m",
    "temperature": 0.5,
    "max_tokens": 50,
    "stop": "END",
    "tools": [TOOL],
    "messages": [
        {"role": "system", "content": "Be brief."},
        {
            "role": "user",
            "content": [{"type": "text", "text": "Look"}, {"type": "image_url", "image_url": {"url": PNG}}],
        },
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [
                {"id": "t1", "type": "function", "function": {"name": "clock", "arguments": '{"zone": "Bern"}'}}
            ],
        },
        {"role": "tool", "tool_call_id": "t1", "content": "noon"},
    ],
}
# What OpenAI's own API answers when it does not stream.
FUNCTION = {"name": "clock", "arguments": '{"zone": "Zürich"}'}
MESSAGE = {
    "role": "assistant",
    "content": "Grüße 👋🏽",
    "reasoning_content": "Hmm",
    "tool_calls": [{"function": FUNCTION}],
}
WHOLE: Json = {
    "object": "chat.completion",
    "choices": [{"index": 0, "message": MESSAGE, "finish_reason": "tool_calls"}],
    "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7},
}

pytestmark = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)


def playing(dialect: Dialect, *recordings: Recording, size: int = 1000) -> tuple[Provider, Player]:
    player = Player(list(recordings) or [dialect.whole()], size)
    return dialect.make(Endpoint("https://models.example/v1", "sk-secret", {"x-team": "tests"}), player.client), player


async def streamed(provider: Provider, body: Json = BODY) -> list[Chunk]:
    return [chunk async for chunk in provider.stream(body)]


async def trouble_of(provider: Provider) -> tuple[ProviderError, str]:
    """The failure of a stream, and the text before it."""
    text: list[str] = []

    async def read() -> None:
        async for chunk in provider.stream(BODY):
            text.append(chunk.content)

    with pytest.raises(ProviderError) as failed:
        await read()
    return failed.value, "".join(text)


@pytest.mark.parametrize("size", [1, 7, 64, 10_000])
async def test_however_the_bytes_are_cut_the_answer_is_the_same(dialect: Dialect, size: int) -> None:
    chunks = await streamed(playing(dialect, size=size)[0])
    assert "".join(chunk.content for chunk in chunks) == "Grüße 👋🏽"
    assert "".join(chunk.reasoning for chunk in chunks) == "Hmm"
    calls = [call for chunk in chunks for call in chunk.tool_calls]
    assert calls[0]["function"]["name"] == "clock"
    assert calls[0]["id"]
    assert json.loads("".join(call["function"]["arguments"] for call in calls)) == {"zone": "Zürich"}
    assert [chunk.finish_reason for chunk in chunks if chunk.finish_reason] == ["tool_calls"]
    usage = next(chunk.usage for chunk in chunks if chunk.usage)
    assert {name: usage[name] for name in ("prompt_tokens", "completion_tokens", "total_tokens")} == {
        "prompt_tokens": 3,
        "completion_tokens": 4,
        "total_tokens": 7,
    }
    order = ["content" if chunk.content else "reasoning" for chunk in chunks if chunk.content or chunk.reasoning]
    assert order == ["reasoning", "reasoning", "content", "content"]


async def test_images_tools_and_their_results_reach_the_service(dialect: Dialect) -> None:
    provider, player = playing(dialect)
    await streamed(provider, CONVERSATION)
    sent = json.dumps(player.body(), ensure_ascii=False)
    for part in ("Be brief.", "Look", "aGk=", "clock", "Tells the time", "Bern", "noon", "END", "0.5", "50"):
        assert part in sent, f"{part} is missing in {sent}"
    headers = player.requests[-1].headers
    assert "sk-secret" in str(headers.raw)
    assert headers["x-team"] == "tests"


async def test_a_stream_that_ends_too_soon_is_told_after_its_text(dialect: Dialect) -> None:
    failed, text = await trouble_of(playing(dialect, dialect.broken(None))[0])
    assert (failed.trouble, text) == (Trouble.BROKEN, "Grüße 👋🏽")


async def test_a_stream_that_is_cut_is_told_after_its_text(dialect: Dialect) -> None:
    failed, text = await trouble_of(playing(dialect, dialect.broken(httpx2.ReadError("reset")))[0])
    assert (failed.trouble, text) == (Trouble.BROKEN, "Grüße 👋🏽")


async def test_silence_in_mid_answer_is_told(dialect: Dialect) -> None:
    failed, _ = await trouble_of(playing(dialect, dialect.broken(httpx2.ReadTimeout("silent")))[0])
    assert failed.trouble is Trouble.SILENCE


async def test_an_error_inside_the_stream_is_told_after_its_text(dialect: Dialect) -> None:
    recording = Recording(dialect.error_in_stream, content_type=dialect.content_type)
    failed, text = await trouble_of(playing(dialect, recording, size=5)[0])
    assert failed.trouble in (Trouble.RATE, Trouble.OTHER, Trouble.CONTEXT)
    assert text == "Grüße "


@pytest.mark.parametrize(
    ("status", "said", "trouble"),
    [
        (401, "the key is wrong", Trouble.KEY),
        (404, "model 'm' not found", Trouble.MODEL),
        (400, "prompt is too long: 300000 tokens > 200000 maximum", Trouble.CONTEXT),
        (400, "temperature: Input should be at most 2", Trouble.REQUEST),
        (500, "oops", Trouble.OTHER),
    ],
)
async def test_each_refusal_has_its_words(dialect: Dialect, status: int, said: str, trouble: Trouble) -> None:
    provider, player = playing(dialect, Recording(json.dumps(dialect.error(status, said)).encode(), status))
    failed, _ = await trouble_of(provider)
    assert failed.trouble is trouble
    assert said in failed.detail
    assert "models.example" in failed.detail or trouble is Trouble.CONTEXT
    assert len(player.requests) == 1


async def test_a_rate_limit_is_waited_out(dialect: Dialect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "FIRST_PAUSE_SECONDS", 0.01)
    refused = Recording(json.dumps(dialect.error(429, "slow down")).encode(), 429)
    provider, player = playing(dialect, refused, refused, dialect.whole())
    assert await streamed(provider)
    assert len(player.requests) == 3


async def test_nobody_there_is_told(dialect: Dialect) -> None:
    failed, _ = await trouble_of(playing(dialect, Recording(status=0, then=httpx2.ConnectError("refused")))[0])
    assert failed.trouble is Trouble.UNREACHABLE


async def test_an_address_that_is_not_allowed_is_told_by_its_words(dialect: Dialect) -> None:
    refusal = ProviderError(Trouble.REFUSED_ADDRESS, "not allowed")
    failed, _ = await trouble_of(playing(dialect, Recording(status=0, then=refusal))[0])
    assert failed.trouble is Trouble.REFUSED_ADDRESS


async def test_models_are_listed(dialect: Dialect) -> None:
    provider, _ = playing(dialect, Recording(json.dumps(dialect.models).encode()))
    assert [model.id for model in await provider.models()] == ["one"]


async def test_a_list_that_is_refused_is_told(dialect: Dialect) -> None:
    provider, _ = playing(dialect, Recording(json.dumps(dialect.error(401, "wrong key")).encode(), 401))
    with pytest.raises(ProviderError) as failed:
        await provider.models()
    assert failed.value.trouble is Trouble.KEY


NONSENSE = [b"<html>", b"{", b"[" * 100_000, b"[1]", b"5", b'{"models": [1], "data": [1]}', b'{"models": 5, "data": 5}']


@pytest.mark.parametrize("said", NONSENSE)
async def test_nonsense_in_place_of_a_list_or_an_answer_ends_in_words_if_it_ends_badly(
    dialect: Dialect, said: bytes
) -> None:
    provider, _ = playing(dialect, Recording(said))
    for call in (provider.models, lambda: provider.complete(BODY)):
        with suppress(ProviderError):
            await call()


async def test_a_whole_completion_is_the_same_answer(dialect: Dialect) -> None:
    passed_on = Recording(json.dumps(WHOLE).encode())
    recording = passed_on if dialect.name in ("openai", "azure") else dialect.whole()
    completion = await playing(dialect, recording)[0].complete(BODY)
    message = completion["choices"][0]["message"]
    assert completion["object"] == "chat.completion"
    assert (message["content"], message["reasoning_content"]) == ("Grüße 👋🏽", "Hmm")
    assert message["tool_calls"][0]["function"] == FUNCTION
    assert completion["choices"][0]["finish_reason"] == "tool_calls"
    assert completion["usage"]["total_tokens"] == 7
