"""One shard: what it finds, and what it no longer has."""

import pytest

from shared.chats.search.finding import find
from shared.chats.search.shard import Chat, Shard
from shared.chats.search.text import parse


def shard_of(*texts: str) -> Shard:
    shard = Shard.new()
    for number, text in enumerate(texts):
        shard.put_chat(Chat(str(number), updated_at=number))
        shard.put_text(str(number), "m", text)
    return shard


def found(text: str, *shards: Shard) -> list[str]:
    return [each.chat_id for each in find(shards, parse(text), lambda chat: True)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("東京都の天気は晴れです", ["東京", "天気", "晴", "都の天気", "です"]),
        ("我喜欢猫", ["猫", "喜欢", "我"]),
        ("안녕하세요 학교에서", ["학교", "안녕", "서"]),
        ("สวัสดีชาวโลก", ["โลก", "สวัสดี", "ชาว"]),
        ("مرحبا بالعالم", ["مرحبا", "عالم"]),
        ("नमस्ते दुनिया", ["नमस्ते", "दुनिया"]),
        ("Привет, мир", ["привет", "мир", "ми"]),
        ("The résumé of an AI", ["resume", "RÉSUMÉ", "ai", "sum"]),
        ("in C++ or C", ["c++", "c"]),
        ("well done 🎉", ["🎉"]),
    ],
)
def test_words_of_any_script_and_length_are_found(text: str, words: list[str]) -> None:
    shard = shard_of("something else entirely", text, "noch etwas anderes")
    for word in words:
        assert found(word, shard) == ["1"], word


def test_letters_of_a_word_in_another_order_are_not_the_word() -> None:
    # "banana" has the sequences ban, ana and nan, and so has this.
    assert found("banana", shard_of("ban anan nana")) == []


def test_every_word_has_to_occur_somewhere_in_the_chat() -> None:
    shard = shard_of("alpha")
    shard.put_text("0", "", "beta")
    shard.put_text("0", "n", "gamma")
    assert found("alpha beta gamma", shard) == ["0"]
    assert found("alpha delta", shard) == []
    assert found('"alpha beta"', shard) == []


def test_last_changed_come_first() -> None:
    assert found("word", shard_of("word one", "word two", "word three")) == ["2", "1", "0"]


def test_a_newer_shard_counts() -> None:
    older, newer = shard_of("apple", "pear", "plum"), Shard.new()
    newer.put_chat(Chat("0", updated_at=9))
    newer.put_text("0", "m", "cherry")
    newer.put_chat(Chat("1", gone=True))
    newer.put_chat(Chat("2", updated_at=8))
    newer.put_text("2", "m", "")
    assert found("apple", newer, older) == found("pear", newer, older) == found("plum", newer, older) == []
    assert found("cherry", newer, older) == ["0"]


def test_words_that_are_in_different_shards_are_found_together() -> None:
    older, newer = shard_of("apple"), Shard.new()
    newer.put_chat(Chat("0", updated_at=9))
    newer.put_text("0", "n", "cherry")
    assert found("apple cherry", newer, older) == ["0"]


def test_a_word_that_is_almost_everywhere_does_not_hide_a_rare_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.chats.search.finding.TEXTS", 5)
    shard = shard_of("common rare", *("common" for _ in range(20)))
    assert found("common rare", shard) == ["0"]
    assert found("common", shard) == ["20", "19", "18", "17", "16"]


def test_a_text_that_is_replaced_or_gone_is_in_the_file_no_more() -> None:
    shard = shard_of("secret one", "secret two")
    shard.put_text("0", "m", "public")
    shard.put_chat(Chat("1", gone=True))
    content = shard.finished()
    assert found("secret", shard) == []
    assert [text for *_, text in Shard.loaded(content).texts()] == ["public"]


def test_a_text_that_is_put_again_changes_nothing() -> None:
    shard = shard_of("word")
    before = shard.changes
    shard.put_chat(Chat("0"))
    shard.put_text("0", "m", "word")
    assert shard.changes == before


def test_half_an_emoji_does_not_matter() -> None:
    assert found("word", shard_of("word \ud83d here")) == ["0"]
