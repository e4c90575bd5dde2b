"""ChatGPT's conversations: written by hand after what its exports have."""

from typing import Any

import pytest

from functions.transfer import formats
from functions.transfer.incoming import Incoming
from shared.chats import tree
from shared.errors import Invalid


def node(
    node_id: str, parent: str | None, role: str = "user", parts: Any = None, *, content: Any = None, **message: Any
) -> dict[str, Any]:
    """A node of the mapping; `link` adds the children."""
    content = content or {"content_type": "text", "parts": parts if isinstance(parts, list) else [parts]}
    body = {"id": node_id, "author": {"role": role}, "content": content, "metadata": {}, "recipient": "all", **message}
    return {"id": node_id, "parent": parent, "children": [], "message": None if parts == "none" else body}


def conversation(*nodes: dict[str, Any], current: str | None = None, **more: Any) -> dict[str, Any]:
    mapping = {each["id"]: each for each in nodes}
    for each in nodes:
        if each["parent"] in mapping:
            mapping[each["parent"]]["children"].append(each["id"])
    return {
        "title": "Stars",
        "create_time": 1700000000.25,
        "update_time": 1700000500.75,
        "mapping": mapping,
        "current_node": current or nodes[-1]["id"],
        "conversation_id": "c-1",
        **more,
    }


def converted(value: dict[str, Any]) -> Incoming:
    name, incoming = formats.convert(value)
    assert name == "ChatGPT"
    return incoming


def texts(incoming: Incoming) -> dict[str, str]:
    return {key: message["content"] for key, message in (incoming.parts.messages or {}).items()}


ROOT = node("root", None, parts="none")


def test_questions_and_answers_with_their_branches() -> None:
    model = {"metadata": {"model_slug": "gpt-4o"}}
    incoming = converted(
        conversation(
            ROOT,
            node("sys", "root", "system", ""),
            node("q", "sys", "user", "What is a star?", create_time=1700000001.5),
            node("a1", "q", "assistant", "A sun.", **model),
            node("a2", "q", "assistant", "Hot gas.", metadata={"model_slug": "o3"}),
            node("q2", "a2", "user", "And a planet?"),
            current="a1",
        )
    )
    messages = incoming.parts.messages or {}
    assert texts(incoming) == {"q": "What is a star?", "a1": "A sun.", "a2": "Hot gas.", "q2": "And a planet?"}
    assert {key: message["parentId"] for key, message in messages.items()} == {
        "q": None,
        "a1": "q",
        "a2": "q",
        "q2": "a2",
    }
    assert messages["q"]["timestamp"] == 1700000001
    assert (messages["a1"]["model"], messages["a2"]["model"]) == ("gpt-4o", "o3")
    assert incoming.parts.fields["models"] == ["gpt-4o", "o3"]
    assert incoming.parts.current_id == "a1"
    assert (incoming.created_at, incoming.updated_at, incoming.parts.title) == (1700000000, 1700000500, "Stars")


def test_thoughts_code_and_its_output_are_part_of_the_answer_they_led_to() -> None:
    thoughts = {"content_type": "thoughts", "thoughts": [{"summary": "Plan", "content": "Add them."}, "odd", {}]}
    code = {"content_type": "code", "language": "python", "text": "print(1 + 1)"}
    incoming = converted(
        conversation(
            ROOT,
            node("q", "root", "user", "1 + 1?"),
            node("t", "q", "assistant", content=thoughts),
            node("c", "t", "assistant", content=code, recipient="python"),
            node("o", "c", "tool", content={"content_type": "execution_output", "text": "2"}),
            node("r", "o", "assistant", content={"content_type": "reasoning_recap", "content": "Thought for 3 s"}),
            node("a", "r", "assistant", "It is **2**."),
        )
    )
    messages = incoming.parts.messages or {}
    assert list(messages) == ["q", "a"]
    assert messages["a"]["parentId"] == "q"
    assert messages["a"]["reasoning_content"] == "Plan\nAdd them."
    assert messages["a"]["content"] == "```python\nprint(1 + 1)\n```\n\n```\n2\n```\n\nIt is **2**."


def test_what_leads_to_no_answer_is_kept() -> None:
    code = {"content_type": "code", "language": "unknown", "text": "search('x')"}
    incoming = converted(
        conversation(
            ROOT, node("q", "root", "user", "Go"), node("c", "q", "assistant", content=code, recipient="browser")
        )
    )
    assert texts(incoming) == {"q": "Go", "c": "```\nsearch('x')\n```"}
    assert incoming.parts.current_id == "c"


def test_odd_parts_of_a_message() -> None:
    parts = [
        {"content_type": "image_asset_pointer", "asset_pointer": "file-service://file-1", "width": 640, "height": 480},
        {"content_type": "audio_transcription", "text": "Spoken words"},
        {"content_type": "real_time_user_audio_video_asset_pointer", "asset_pointer": "x"},
        {"content_type": "something_new"},
        "What is on it?",
        "",
        None,
        7,
    ]
    quote = {"content_type": "tether_quote", "title": "A page", "url": "https://example.com", "text": "One\nTwo"}
    hidden = {"metadata": {"is_visually_hidden_from_conversation": True}}
    incoming = converted(
        conversation(
            ROOT,
            node("h", "root", "user", "My custom instructions", **hidden),
            node("q", "h", content={"content_type": "multimodal_text", "parts": parts},
                 metadata={"attachments": [{"name": "notes.pdf"}, {"name": "i.png", "mime_type": "image/png"}, 3]}),
            node("w", "q", "tool", content=quote),
            node("a", "w", "assistant", "A star\ue200cite\ue202turn0search1\ue201."),
        )
    )  # fmt: skip
    found = texts(incoming)
    assert list(found) == ["q", "a"]
    assert found["q"] == (
        "*[image 640 × 480: not in conversations.json]*\n\nSpoken words\n\n*[recording: not in conversations.json]*"
        "\n\nWhat is on it?\n\n*[file notes.pdf: not in conversations.json]*"
    )
    assert found["a"] == "> One\n> Two\n> — [A page](https://example.com)\n\nA star."


def test_a_fence_is_longer_than_any_in_the_code() -> None:
    code = {"content_type": "code", "language": "markdown", "text": "```js\nx\n```"}
    ran = node("c", "root", "assistant", content=code, recipient="x")
    incoming = converted(conversation(ROOT, ran, node("a", "c", "assistant", "!")))
    assert texts(incoming)["a"] == "````markdown\n```js\nx\n```\n````\n\n!"


def test_a_loop_and_a_node_without_its_parent_lose_nothing() -> None:
    value = conversation(node("q", "gone", "user", "Q"), node("a", "q", "assistant", "A"))
    value["mapping"]["x"] = {**node("x", "y", "user", "X"), "children": ["y"]}
    value["mapping"]["y"] = {**node("y", "x", "assistant", "Y"), "children": ["x", "missing", 4]}
    value["mapping"]["odd"] = "not a node"
    assert texts(converted(value)) == {"q": "Q", "a": "A", "x": "X", "y": "Y"}


def test_a_branch_of_ten_thousand() -> None:
    nodes = [node("0", None, "user", "0")]
    nodes += [node(str(n), str(n - 1), "assistant" if n % 2 else "user", str(n)) for n in range(1, 10_000)]
    incoming = converted(conversation(*nodes))
    messages = incoming.parts.messages or {}
    assert len(messages) == 10_000
    assert len(tree.branch(messages, incoming.parts.current_id)) == 10_000


@pytest.mark.parametrize("mapping", [{}, {"root": {"id": "root", "message": None, "children": []}}])
def test_a_conversation_without_messages_is_refused(mapping: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="no messages"):
        formats.convert({"title": "Empty", "mapping": mapping})


def test_starred_and_archived() -> None:
    incoming = converted(conversation(node("q", None, "user", "Q"), is_archived=True, is_starred=True))
    assert (incoming.archived, incoming.pinned) == (True, True)


def test_the_same_conversation_is_the_same_chat_for_one_person_only() -> None:
    first = converted(conversation(node("q", None, "user", "Q")))
    again = converted(conversation(node("q", None, "user", "Q"), node("a", "q", "assistant", "A")))
    assert first.chat_id("ada") == again.chat_id("ada") != first.chat_id("bob")
    other = converted(conversation(node("q", None, "user", "Q"), conversation_id="c-2"))
    assert other.chat_id("ada") != first.chat_id("ada")
