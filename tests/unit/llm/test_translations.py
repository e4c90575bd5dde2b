"""What each service is asked, where its language differs from OpenAI's, and what only it says."""

import base64
import json
from typing import Any

import httpx2
import pytest

from shared.llm import converse, generate_content, messages_api, ollama_chat
from shared.llm.anthropic import Anthropic
from shared.llm.azure import Application, Azure
from shared.llm.errors import ProviderError, Trouble
from shared.llm.gemini import Gemini
from shared.llm.ollama import Ollama
from shared.llm.openai_compatible import Endpoint, OpenAICompatible
from shared.llm.provider import Chunk, Json
from tests.support.recorded import Player, Recording, lines, sse
from tests.unit.llm import dialects

USER = {"role": "user", "content": "Hi"}
CALL = {"id": "t1", "type": "function", "function": {"name": "clock", "arguments": "{}"}}
RESULT = {"role": "tool", "tool_call_id": "t1", "content": "noon"}
TOOLS = [{"type": "function", "function": {"name": "clock", "parameters": {"type": "object"}}}]
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}
ENDPOINT = Endpoint("https://models.example", "sk")


def body(**more: Any) -> Json:
    return {"model": "m", "messages": [USER], **more}


class TestAnthropic:
    def asked(self, model: str = "claude-sonnet-5", **more: Any) -> Json:
        return messages_api.request(body(**{"model": model, **more}))

    def test_a_limit_is_always_sent(self) -> None:
        assert self.asked()["max_tokens"] == 32_000
        assert self.asked("claude-3-opus-20240229")["max_tokens"] == 4096
        assert self.asked(max_completion_tokens=7)["max_tokens"] == 7

    def test_earlier_models_think_by_budget_and_later_ones_by_effort(self) -> None:
        earlier = self.asked("claude-sonnet-4-20250514", reasoning_effort="high", max_tokens=100, temperature=0.3)
        assert earlier["thinking"] == {"type": "enabled", "budget_tokens": 16_384}
        assert earlier["max_tokens"] == 16_484
        assert "temperature" not in earlier
        later = self.asked("claude-opus-4-6", reasoning_effort="low")
        assert later["thinking"]["type"] == "adaptive"
        assert later["output_config"] == {"effort": "low"}
        assert "thinking" not in self.asked("claude-3-5-sonnet-20241022", reasoning_effort="low")
        assert self.asked(reasoning_effort="none")["thinking"] == {"type": "disabled"}

    def test_thoughts_go_back_signed_with_the_calls_they_led_to(self) -> None:
        thought = {"type": "thinking", "thinking": "Hm", "signature": "sealed"}
        said = {"role": "assistant", "content": "", "tool_calls": [CALL], "reasoning_details": [thought]}
        asked = self.asked(messages=[USER, said, RESULT], reasoning_effort="high")
        assert [block["type"] for block in asked["messages"][1]["content"]] == ["thinking", "tool_use"]
        assert asked["messages"][2]["content"][0]["tool_use_id"] == "t1"
        without = self.asked(messages=[USER, {**said, "reasoning_details": []}, RESULT], reasoning_effort="high")
        assert "thinking" not in without

    async def test_thoughts_come_with_their_signature(self) -> None:
        provider = Anthropic(ENDPOINT, Player([dialects.DIALECTS[3].whole()]).client)
        completion = await provider.complete(body())
        details = completion["choices"][0]["message"]["reasoning_details"]
        assert details == [{"type": "thinking", "thinking": "Hmm", "signature": "sealed"}]

    def test_tools_schemas_and_links(self) -> None:
        link = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
        asked = self.asked(
            messages=[{"role": "user", "content": [link]}],
            tools=TOOLS,
            tool_choice="required",
            response_format={"type": "json_schema", "json_schema": {"schema": SCHEMA}},
        )
        assert asked["messages"][0]["content"] == [
            {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}
        ]
        assert asked["tools"][0]["input_schema"] == {"type": "object"}
        assert asked["tool_choice"] == {"type": "any"}
        assert asked["output_config"]["format"]["schema"] == SCHEMA
        assert "tools" not in self.asked(tools=TOOLS, tool_choice="none")

    def test_an_answer_to_go_on_from_does_not_end_with_white_space(self) -> None:
        asked = self.asked(messages=[USER, {"role": "assistant", "content": "Well \n"}])
        assert asked["messages"][-1] == {"role": "assistant", "content": [{"type": "text", "text": "Well"}]}

    async def test_tokens_are_counted_by_the_service(self) -> None:
        player = Player([Recording(b'{"input_tokens": 14}')])
        assert await Anthropic(ENDPOINT, player.client).count(body(tools=TOOLS, max_tokens=5)) == 14
        assert player.requests[0].url.path == "/v1/messages/count_tokens"
        assert "max_tokens" not in player.body()

    async def test_there_are_no_embeddings(self) -> None:
        with pytest.raises(ProviderError):
            await Anthropic(ENDPOINT).embed({"model": "m", "input": "x"})


class TestGemini:
    def asked(self, model: str = "gemini-3-pro", **more: Any) -> Json:
        return generate_content.request(body(**{"model": model, **more}))

    def test_thoughts_are_asked_for_where_there_are_any(self) -> None:
        assert self.asked()["config"]["thinking_config"] == {"include_thoughts": True}
        assert self.asked(reasoning_effort="low")["config"]["thinking_config"]["thinking_level"] == "LOW"
        budget = self.asked("gemini-2.5-flash", reasoning_effort="none")["config"]["thinking_config"]
        assert budget == {"include_thoughts": False, "thinking_budget": 0}
        assert "thinking_config" not in self.asked("gemini-2.0-flash")["config"]

    def test_results_carry_the_tools_name_and_calls_their_signature(self) -> None:
        signed = {**CALL, "extra_content": {"google": {"thought_signature": base64.b64encode(b"sealed").decode()}}}
        said = {"role": "assistant", "content": None, "tool_calls": [signed]}
        contents = self.asked(messages=[USER, said, RESULT], tools=TOOLS)["contents"]
        assert [content["role"] for content in contents] == ["user", "model", "user"]
        assert contents[1]["parts"][0]["thought_signature"] == b"sealed"
        response = contents[2]["parts"][0]["function_response"]
        assert (response["name"], response["response"]) == ("clock", {"output": "noon"})

    def test_a_schema_and_a_demanded_tool(self) -> None:
        choice = {"type": "function", "function": {"name": "clock"}}
        schema = {"type": "json_schema", "json_schema": {"schema": SCHEMA}}
        config = self.asked(tools=TOOLS, tool_choice=choice, response_format=schema)["config"]
        assert config["response_json_schema"] == SCHEMA
        assert config["tool_config"]["function_calling_config"]["allowed_function_names"] == ["clock"]

    async def test_a_refused_prompt_is_told(self) -> None:
        blocked = sse({"promptFeedback": {"blockReason": "SAFETY"}})
        provider = Gemini(ENDPOINT, Player([Recording(blocked, content_type="text/event-stream")]).client)
        with pytest.raises(ProviderError) as failed:
            await provider.complete(body())
        assert (failed.value.trouble, "SAFETY" in failed.value.detail) == (Trouble.REQUEST, True)

    async def test_a_wrong_key_is_told_as_one(self) -> None:
        error = {"error": {"code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT"}}
        provider = Gemini(ENDPOINT, Player([Recording(json.dumps(error).encode(), 400)]).client)
        with pytest.raises(ProviderError) as failed:
            await provider.models()
        assert failed.value.trouble is Trouble.KEY

    async def test_the_time_to_wait_is_read_from_the_error(self) -> None:
        details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "36.5s"}]
        error = {"error": {"code": 429, "message": "Quota", "status": "RESOURCE_EXHAUSTED", "details": details}}
        provider = Gemini(ENDPOINT, Player([Recording(json.dumps(error).encode(), 429)]).client)
        with pytest.raises(ProviderError) as failed:
            await provider.complete(body())
        assert failed.value.retry_after == 36.5

    async def test_embeddings_and_counts(self) -> None:
        answer = {"embeddings": [{"values": [1.0]}, {"values": [2.0]}]}
        provider = Gemini(ENDPOINT, Player([Recording(json.dumps(answer).encode())]).client)
        found = await provider.embed({"model": "e", "input": ["a", "b"]})
        assert [entry["embedding"] for entry in found["data"]] == [[1.0], [2.0]]
        provider = Gemini(ENDPOINT, Player([Recording(b'{"totalTokens": 9}')]).client)
        assert await provider.count(body(messages=[{"role": "system", "content": "Be brief."}, USER])) == 9


class TestOllama:
    def asked(self, **more: Any) -> Json:
        return ollama_chat.request(body(**more))

    def test_options_keep_alive_format_and_thinking(self) -> None:
        asked = self.asked(
            num_ctx=8, top_k=3, max_tokens=5, stop="X", keep_alive="5m", options={"num_ctx": 16}, think=True
        )
        assert asked["options"] == {"num_ctx": 16, "top_k": 3, "num_predict": 5, "stop": ["X"]}
        assert (asked["keep_alive"], asked["think"]) == ("5m", True)
        assert self.asked(response_format={"type": "json_object"})["format"] == "json"
        assert (
            self.asked(response_format={"type": "json_schema", "json_schema": {"schema": SCHEMA}})["format"] == SCHEMA
        )
        assert self.asked(reasoning_effort="none")["think"] is False
        assert self.asked(reasoning_effort="low")["think"] is True
        assert self.asked(model="gpt-oss:20b", reasoning_effort="low")["think"] == "low"

    def test_tools_and_their_results(self) -> None:
        said = {"role": "assistant", "content": "", "tool_calls": [CALL], "reasoning_content": "Hm"}
        asked = self.asked(messages=[USER, said, RESULT], tools=TOOLS)
        assert asked["messages"][1]["tool_calls"] == [{"function": {"name": "clock", "arguments": {}}}]
        assert asked["messages"][1]["thinking"] == "Hm"
        assert asked["messages"][2] == {"role": "tool", "content": "noon", "tool_name": "clock"}

    async def test_only_a_line_feed_ends_a_line(self) -> None:
        told = lines({"message": {"content": "a\x85b\u2028c"}, "done": False}, {"done": True})
        provider = Ollama(ENDPOINT, Player([Recording(told)], size=3).client)
        assert "".join([chunk.content async for chunk in provider.stream(body())]) == "a\x85b\u2028c"

    async def test_embeddings(self) -> None:
        player = Player([Recording(b'{"model": "e", "embeddings": [[1.0], [2.0]], "prompt_eval_count": 2}')])
        found = await Ollama(ENDPOINT, player.client).embed({"model": "e", "input": ["a", "b"]})
        assert ([each["embedding"] for each in found["data"]], found["usage"]["total_tokens"]) == ([[1.0], [2.0]], 2)

    def test_an_image_by_link_is_refused_in_words(self) -> None:
        link = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
        with pytest.raises(ProviderError) as failed:
            self.asked(messages=[{"role": "user", "content": [link]}])
        assert "Ollama" in failed.value.detail

    def test_arguments_that_are_no_json_are_told(self) -> None:
        broken = {**CALL, "function": {"name": "clock", "arguments": "{"}}
        with pytest.raises(ProviderError):
            self.asked(messages=[{"role": "assistant", "tool_calls": [broken]}])


class TestBedrock:
    def test_claude_thinks_and_gets_its_thoughts_back(self) -> None:
        thought = {"type": "thinking", "thinking": "Hm", "signature": "sealed"}
        said = {"role": "assistant", "content": "", "tool_calls": [CALL], "reasoning_details": [thought]}
        model = "us.anthropic.claude-sonnet-4-20250514-v1:0"
        asked = converse.request(
            body(model=model, messages=[USER, said, RESULT], reasoning_effort="low", temperature=1, max_tokens=10)
        )
        assert asked["additionalModelRequestFields"] == {"thinking": {"type": "enabled", "budget_tokens": 2048}}
        assert asked["inferenceConfig"] == {"maxTokens": 2058}
        first = asked["messages"][1]["content"][0]
        assert first["reasoningContent"]["reasoningText"] == {"text": "Hm", "signature": "sealed"}
        assert "additionalModelRequestFields" not in converse.request(body(model="amazon.nova", reasoning_effort="low"))


class TestAzure:
    async def test_without_a_list_of_deployments_the_key_is_still_tried(self) -> None:
        player = Player([Recording(b"{}", 404), Recording(b'{"data": [{"id": "gpt-5"}]}')])
        assert await Azure(ENDPOINT, "2024-10-21", client=player.client).models() == []
        assert [request.url.path for request in player.requests] == ["/openai/deployments", "/openai/models"]
        assert player.requests[1].url.params["api-version"] == "2024-10-21"
        assert player.requests[1].headers["api-key"] == "sk"

    async def test_the_address_without_versions_is_called_as_openais(self) -> None:
        endpoint = Endpoint("https://models.example/openai/v1", "sk")
        player = Player([Recording(dialects.OPENAI, content_type=dialects.EVENTS)])
        assert [chunk async for chunk in Azure(endpoint, client=player.client).stream(body())]
        assert str(player.requests[0].url) == "https://models.example/openai/v1/chat/completions"
        assert player.requests[0].headers["api-key"] == "sk"
        assert "authorization" not in player.requests[0].headers

    async def test_an_application_of_entra_id_gets_a_token_once(self) -> None:
        token = Recording(b'{"access_token": "granted", "expires_in": 3600}')
        player = Player([token, Recording(json.dumps(WHOLE).encode())])
        azure = Azure(ENDPOINT, None, Application("tenant", "client"), player.client)
        await azure.complete(body())
        await azure.complete(body())
        assert [request.url.host for request in player.requests] == [
            "login.microsoftonline.com",
            "models.example",
            "models.example",
        ]
        assert b"client_secret=sk" in player.requests[0].content
        assert player.requests[1].headers["authorization"] == "Bearer granted"
        assert "api-key" not in player.requests[1].headers

    async def test_an_application_that_gets_no_token_is_told(self) -> None:
        player = Player([Recording(b'{"error": "invalid_client", "error_description": "AADSTS7000215"}', 401)])
        with pytest.raises(ProviderError) as failed:
            await Azure(ENDPOINT, None, Application("tenant", "client"), player.client).complete(body())
        assert (failed.value.trouble, "AADSTS7000215" in failed.value.detail) == (Trouble.KEY, True)


WHOLE = {"object": "chat.completion", "choices": [{"index": 0, "message": {"role": "assistant", "content": "x"}}]}


def delta(**fields: Any) -> Chunk:
    return Chunk({"choices": [{"index": 0, "delta": fields}]})


class TestCompatibleServices:
    """Where services that speak OpenAI's API differ."""

    @pytest.mark.parametrize("field", ["reasoning_content", "reasoning", "thinking"])
    def test_reasoning_by_any_name(self, field: str) -> None:
        assert delta(**{field: "Hm"}).reasoning == "Hm"

    def test_mistrals_parts(self) -> None:
        thinking = [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm"}]}, {"type": "text", "text": "Hi"}]
        assert (delta(content=thinking).reasoning, delta(content=thinking).content) == ("Hm", "Hi")

    def test_openrouters_details_and_annotations(self) -> None:
        details = [{"type": "reasoning.text", "text": "Hm"}]
        note = {"type": "url_citation", "url_citation": {"url": "https://a.example", "title": "A"}}
        chunk = delta(reasoning="Hm", reasoning_details=details, annotations=[note])
        assert (chunk.reasoning_details, chunk.citations) == (details, [{"url": "https://a.example", "title": "A"}])

    def test_perplexitys_citations(self) -> None:
        assert Chunk({"citations": ["https://a.example"]}).citations == [{"url": "https://a.example"}]
        results = [{"title": "A", "url": "https://a.example"}]
        assert Chunk({"citations": ["https://a.example"], "search_results": results}).citations == results

    def test_usage_beside_the_last_text_and_groqs_own(self) -> None:
        usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
        assert Chunk({"choices": [{"delta": {}, "finish_reason": "stop"}], "usage": usage}).usage == usage
        assert Chunk({"choices": [], "x_groq": {"id": "r", "usage": usage}}).usage == usage
        assert Chunk({"choices": [], "usage": None, "x_groq": None}).usage is None

    async def test_a_service_without_a_list_of_models_says_what_to_do(self) -> None:
        provider = OpenAICompatible(ENDPOINT, Player([Recording(b"not found", 404)]).client)
        with pytest.raises(ProviderError) as failed:
            await provider.models()
        assert "list of models" in failed.value.detail

    async def test_a_list_without_the_object_around_it_is_read(self) -> None:
        provider = OpenAICompatible(ENDPOINT, Player([Recording(b'[{"id": "a"}, {"name": "b"}]')]).client)
        assert [model.id for model in await provider.models()] == ["a", "b"]

    async def test_openai_does_not_count(self) -> None:
        assert await OpenAICompatible(ENDPOINT, httpx2.AsyncClient()).count(body()) is None


@pytest.mark.parametrize("service", [converse, generate_content, messages_api, ollama_chat])
@pytest.mark.parametrize(
    "odd",
    [
        {"messages": [{"role": "user", "content": [5]}]},
        {"messages": [{"role": "assistant", "content": "Hi", "tool_calls": 5}]},
        {"messages": [{"role": "assistant", "content": "Hi", "tool_calls": [{"function": "x"}]}]},
        {"tools": 5},
        {"tools": ["x"]},
    ],
)
def test_what_openais_api_does_not_take_is_refused_in_words(service: Any, odd: Json) -> None:
    with pytest.raises(ProviderError) as failed:
        service.request(body(**odd))
    assert failed.value.trouble is Trouble.REQUEST
    assert "Correct it" in failed.value.detail


def test_parameters_that_only_some_services_read_are_refused_in_words() -> None:
    for service, odd in (
        (messages_api, {"max_tokens": "many"}),
        (messages_api, {"temperature": "warm"}),
        (generate_content, {"response_format": 5}),
        (ollama_chat, {"options": 5}),
    ):
        with pytest.raises(ProviderError):
            service.request(body(**odd))
