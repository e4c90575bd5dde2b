import json
from typing import Any

import pytest

from shared.realtime.frames import FRAME_LIMIT, MESSAGE_LIMIT, fit, utf16_length


def event(body: dict[str, Any], kind: str = "chat:completion") -> dict[str, Any]:
    return {"chat_id": "c", "message_id": "m", "data": {"type": kind, "data": body}}


def delta(text: str, offset: int = 0, key: str = "content") -> dict[str, Any]:
    return event({"choices": [{"delta": {key: text}}], "seq": 7, "offset": offset})


def bodies(frames: list[bytes]) -> list[dict[str, Any]]:
    return [json.loads(frame.decode()[2:])[1]["data"]["data"] for frame in frames]


def test_a_small_event_is_one_frame() -> None:
    assert fit("events", delta("Hi", 3)) == [
        b'42["events",{"chat_id":"c","message_id":"m","data":{"type":"chat:completion",'
        b'"data":{"choices":[{"delta":{"content":"Hi"}}],"seq":7,"offset":3}}}]'
    ]


@pytest.mark.parametrize("key", ["content", "reasoning_content"])
@pytest.mark.parametrize("text", ["a" * 100_000, "é🙂\n" * 30_000, '"\\' * 40_000])
def test_a_long_delta_is_split_into_frames_that_join_on(text: str, key: str) -> None:
    frames = fit("events", delta(text, 11, key))
    assert len(frames) > 1
    assert max(map(len, frames)) <= FRAME_LIMIT
    joined, expected_offset = "", 11
    for body in bodies(frames):
        assert (body["offset"], body["seq"]) == (expected_offset, 7)
        joined += body["choices"][0]["delta"][key]
        expected_offset += utf16_length(body["choices"][0]["delta"][key])
    assert joined == text


def test_an_end_over_the_limit_leaves_the_text_to_be_read() -> None:
    end = {"done": True, "content": "a" * FRAME_LIMIT, "usage": {"total_tokens": 9}, "seq": 3, "offset": 5}
    (body,) = bodies(fit("events", event(end)))
    assert body == {"done": True, "usage": {"total_tokens": 9}, "seq": 3, "offset": 5}


def test_an_end_within_the_limit_keeps_the_text() -> None:
    (body,) = bodies(fit("events", event({"done": True, "content": "a" * 1000})))
    assert body["content"] == "a" * 1000


def test_other_events_may_reach_the_message_limit() -> None:
    (frame,) = fit("events", event({"files": ["a" * (MESSAGE_LIMIT - 1000)]}, "chat:message:files"))
    assert FRAME_LIMIT < len(frame) <= MESSAGE_LIMIT


@pytest.mark.parametrize("kind", ["chat:message:files", "chat:completion"])
def test_what_cannot_be_made_to_fit_is_left_out(kind: str) -> None:
    assert fit("events", event({"files": ["a" * MESSAGE_LIMIT]}, kind)) == []


def test_half_a_surrogate_pair_becomes_one_character_of_valid_text() -> None:
    (body,) = bodies(fit("events", delta("x\ud83d")))
    assert body["choices"][0]["delta"]["content"] == "x?"


def test_length_is_counted_as_javascript_does() -> None:
    assert utf16_length("aé🙂") == 4
