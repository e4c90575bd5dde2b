"""Bedrock on recorded answers: the event stream's bytes as AWS sends them, and stubbed calls."""

import io
import json
import struct
import threading
from binascii import crc32
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from shared.llm import converse
from shared.llm.bedrock import Bedrock
from shared.llm.errors import ProviderError, Trouble

KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
BODY = {"model": "amazon.nova-lite-v1:0", "messages": [{"role": "user", "content": "Hi"}]}

ANSWER = [
    ("messageStart", {"role": "assistant"}),
    ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"reasoningContent": {"text": "Hmm"}}}),
    ("contentBlockDelta", {"contentBlockIndex": 1, "delta": {"text": "Grüße "}}),
    ("contentBlockDelta", {"contentBlockIndex": 1, "delta": {"text": "👋"}}),
    ("contentBlockStart", {"contentBlockIndex": 2, "start": {"toolUse": {"toolUseId": "t1", "name": "clock"}}}),
    ("contentBlockDelta", {"contentBlockIndex": 2, "delta": {"toolUse": {"input": '{"a":1}'}}}),
    ("contentBlockStop", {"contentBlockIndex": 2}),
    ("messageStop", {"stopReason": "end_turn"}),
    ("metadata", {"usage": {"inputTokens": 3, "outputTokens": 4, "totalTokens": 7}, "metrics": {"latencyMs": 9}}),
]


def frame(kind: str, body: dict[str, Any], *, exception: bool = False) -> bytes:
    """One message of the event stream encoding (https://smithy.io/2.0/aws/amazon-eventstream.html)."""
    name = ":exception-type" if exception else ":event-type"
    message_type = "exception" if exception else "event"
    headers = b""
    for key, value in ((name, kind), (":content-type", "application/json"), (":message-type", message_type)):
        headers += bytes([len(key)]) + key.encode() + b"\x07" + struct.pack(">H", len(value)) + value.encode()
    payload = json.dumps(body).encode()
    prelude = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    message = prelude + struct.pack(">I", crc32(prelude)) + headers + payload
    return message + struct.pack(">I", crc32(message))


@contextmanager
def bedrock(content: bytes, status: int = 200, code: str = "") -> Iterator[Bedrock]:
    """Bedrock behind a server that answers every call with these bytes."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(status)
            self.send_header("content-type", "application/vnd.amazon.eventstream")
            if code:
                self.send_header("x-amzn-errortype", code)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    try:
        yield Bedrock(
            "us-east-1", boto3.client("bedrock-runtime", endpoint_url=endpoint, **KEYS), boto3.client("bedrock", **KEYS)
        )
    finally:
        server.shutdown()
        server.server_close()


async def test_an_event_stream_becomes_openais_chunks() -> None:
    with bedrock(b"".join(frame(kind, body) for kind, body in ANSWER)) as provider:
        chunks = [chunk async for chunk in provider.stream(BODY)]
    assert "".join(chunk.content for chunk in chunks) == "Grüße 👋"
    assert "".join(chunk.reasoning for chunk in chunks) == "Hmm"
    calls = [call for chunk in chunks for call in chunk.tool_calls]
    assert calls[0]["function"] == {"name": "clock", "arguments": ""}
    assert calls[1] == {"index": 0, "function": {"arguments": '{"a":1}'}}
    assert [chunk.finish_reason for chunk in chunks if chunk.finish_reason] == ["stop"]
    assert chunks[-1].usage == {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}


async def test_a_stream_that_breaks_off_is_told_after_its_text() -> None:
    text = []
    with bedrock(b"".join(frame(kind, body) for kind, body in ANSWER[:4])) as provider:
        stream = provider.stream(BODY)
        for _ in range(4):
            text.append((await anext(stream)).content)
        with pytest.raises(ProviderError) as failed:
            await anext(stream)
    assert "".join(text) == "Grüße 👋"
    assert failed.value.trouble is Trouble.BROKEN


async def test_throttling_inside_the_stream_has_its_words() -> None:
    content = frame(*ANSWER[0]) + frame("throttlingException", {"message": "Too many requests"}, exception=True)
    with bedrock(content) as provider:
        stream = provider.stream(BODY)
        await anext(stream)
        with pytest.raises(ProviderError) as failed:
            await anext(stream)
    assert failed.value.trouble is Trouble.RATE


@pytest.mark.parametrize(
    ("status", "code", "message", "trouble"),
    [
        (403, "AccessDeniedException", "You don't have access to the model", Trouble.KEY),
        (400, "ValidationException", "Input is too long for requested model.", Trouble.CONTEXT),
        (400, "ValidationException", "The provided model identifier is invalid.", Trouble.REQUEST),
        (404, "ResourceNotFoundException", "Could not resolve the model", Trouble.MODEL),
    ],
)
async def test_refusals_have_their_words(status: int, code: str, message: str, trouble: Trouble) -> None:
    with bedrock(json.dumps({"message": message}).encode(), status, code) as provider:
        stream = provider.stream(BODY)
        with pytest.raises(ProviderError) as failed:
            await anext(stream)
    assert failed.value.trouble is trouble
    assert message in failed.value.detail


async def test_an_account_that_may_not_use_a_model_reads_what_an_admin_can_do() -> None:
    with (
        bedrock(b'{"message": "Not authorized"}', 403, "AccessDeniedException") as provider,
        pytest.raises(ProviderError, match=r"first call .* subscribes .* form .* Bedrock console"),
    ):
        await anext(provider.stream(BODY))


async def test_models_are_those_that_can_be_called_and_the_inference_profiles() -> None:
    control = boto3.client("bedrock", **KEYS)
    with Stubber(control) as stub:
        listed = {"modelArn": "arn:aws:bedrock:::x", "providerName": "Amazon", "outputModalities": ["TEXT"]}
        models = [
            {**listed, "modelId": "amazon.a", "modelName": "A", "inferenceTypesSupported": ["ON_DEMAND"]},
            {**listed, "modelId": "amazon.b", "modelName": "B", "inferenceTypesSupported": ["INFERENCE_PROFILE"]},
            {
                **listed,
                "modelId": "amazon.c",
                "modelName": "C",
                "inferenceTypesSupported": ["ON_DEMAND"],
                "modelLifecycle": {"status": "LEGACY"},
            },
        ]
        profile = {
            "inferenceProfileName": "US B",
            "inferenceProfileId": "us.amazon.b",
            "inferenceProfileArn": "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.b",
            "models": [{"modelArn": "arn:aws:bedrock:us-east-1::foundation-model/amazon.b"}],
            "status": "ACTIVE",
            "type": "SYSTEM_DEFINED",
        }
        provider = Bedrock("us-east-1", control=control)
        # Both are asked for at once; the stub wants its order.
        provider._profiles = lambda: []  # type: ignore[method-assign]
        stub.add_response("list_foundation_models", {"modelSummaries": models})
        assert [(m.id, m.name) for m in await provider.models()] == [("amazon.a", "Amazon A")]
        del provider._profiles
        arn = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/team"
        own = {**profile, "inferenceProfileName": "Team B", "inferenceProfileArn": arn, "type": "APPLICATION"}
        for kind, found in (("SYSTEM_DEFINED", profile), ("APPLICATION", own)):
            stub.add_response("list_inference_profiles", {"inferenceProfileSummaries": [found]}, {"typeEquals": kind})
        assert [m.id for m in provider._profiles()] == ["us.amazon.b", arn]


def test_a_conversation_becomes_converses() -> None:
    png = "data:image/png;base64,aGk="
    parameters = converse.request(
        {
            "model": "m",
            "max_tokens": 5,
            "stop": "END",
            "tools": [{"type": "function", "function": {"name": "clock", "parameters": {"type": "object"}}}],
            "tool_choice": "required",
            "messages": [
                {"role": "system", "content": "Be brief."},
                {
                    "role": "user",
                    "content": [{"type": "text", "text": "Look"}, {"type": "image_url", "image_url": {"url": png}}],
                },
                {"role": "user", "content": "and say"},
                {
                    "role": "assistant",
                    "content": None,
                    "tool_calls": [{"id": "t", "type": "function", "function": {"name": "clock", "arguments": "{}"}}],
                },
                {"role": "tool", "tool_call_id": "t", "content": "noon"},
            ],
        }
    )
    assert parameters["system"] == [{"text": "Be brief."}]
    assert parameters["inferenceConfig"] == {"maxTokens": 5, "stopSequences": ["END"]}
    assert parameters["toolConfig"]["toolChoice"] == {"any": {}}
    assert [turn["role"] for turn in parameters["messages"]] == ["user", "assistant", "user"]
    assert parameters["messages"][0]["content"][1]["image"] == {"format": "png", "source": {"bytes": b"hi"}}
    assert parameters["messages"][0]["content"][2] == {"text": "and say"}
    assert parameters["messages"][2]["content"][0]["toolResult"]["toolUseId"] == "t"


def test_an_image_by_link_is_refused_in_words() -> None:
    part = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    with pytest.raises(ProviderError):
        converse.request({"model": "m", "messages": [{"role": "user", "content": [part]}]})


@pytest.mark.parametrize(
    ("model", "body", "sent", "answered"),
    [
        (
            "amazon.titan-embed-text-v2:0",
            {"input": ["ab"], "dimensions": 256, "input_type": "search_query"},
            {"inputText": "ab", "dimensions": 256},
            {"embedding": [0.5, 1.0], "inputTextTokenCount": 1},
        ),
        (
            "cohere.embed-multilingual-v3",
            {"input": ["ab"], "input_type": "search_query"},
            {"texts": ["ab"], "input_type": "search_query", "truncate": "END", "embedding_types": ["float"]},
            {"id": "x", "response_type": "embeddings_by_type", "embeddings": {"float": [[0.5, 1.0]]}},
        ),
    ],
)
async def test_embeddings_of_titan_and_cohere(model: str, body: Any, sent: Any, answered: Any) -> None:
    runtime = boto3.client("bedrock-runtime", **KEYS)
    with Stubber(runtime) as stub:
        _answers(stub, model, sent, answered)
        found = await Bedrock("us-east-1", runtime, boto3.client("bedrock", **KEYS)).embed({"model": model, **body})
    assert found["data"] == [{"object": "embedding", "index": 0, "embedding": [0.5, 1.0]}]


@pytest.mark.parametrize(
    ("model", "version"), [("cohere.rerank-v3-5:0", {"api_version": 2}), ("amazon.rerank-v1:0", {})]
)
async def test_rerankers_of_cohere_and_amazon(model: str, version: Any) -> None:
    runtime = boto3.client("bedrock-runtime", **KEYS)
    results = {"results": [{"index": 1, "relevance_score": 0.9}, {"index": 0, "relevance_score": 0.1}]}
    with Stubber(runtime) as stub:
        _answers(stub, model, {"query": "q", "documents": ["a", "b"], "top_n": 2, **version}, results)
        provider = Bedrock("us-east-1", runtime, boto3.client("bedrock", **KEYS))
        assert await provider.rank(model, "q", ["a", "b"]) == results


def _answers(stub: Stubber, model: str, sent: Any, answered: Any) -> None:
    content = json.dumps(answered).encode()
    answer = {"body": StreamingBody(io.BytesIO(content), len(content)), "contentType": "application/json"}
    stub.add_response("invoke_model", answer, {"modelId": model, "body": json.dumps(sent)})
