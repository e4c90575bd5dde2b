"""The order of system prompts and parameters, and the variables in prompts."""

from datetime import UTC, datetime
from typing import Any

import pytest

from shared.identity.models import UserItem
from shared.prompting import combined, params_in, upstream, variables_of, with_system

QUESTION = {"role": "user", "content": "Hi"}


def test_of_a_parameter_the_most_particular_level_counts() -> None:
    instance = {"temperature": 0.1, "top_p": 0.1, "seed": 1, "max_tokens": 10}
    model, folder = {"temperature": 0.2, "top_p": 0.2, "seed": 2}, {"temperature": 0.3, "top_p": 0.3}
    chat, request = {"temperature": 0.4, "seed": None}, {"temperature": 0.5}
    params = combined([instance, model, folder], [chat, request]).params
    assert params == {"temperature": 0.5, "top_p": 0.3, "seed": 2, "max_tokens": 10}


def test_custom_parameters_are_merged_one_by_one() -> None:
    model = {"custom_params": {"a": "1", "b": '{"c": 2}', "words": "as they are"}}
    params = combined([model], [{"custom_params": {"a": 3}}]).params
    assert params["custom_params"] == {"a": 3, "b": {"c": 2}, "words": "as they are"}


@pytest.mark.parametrize("text", ["NaN", "[" * 100_000, "1e999", "{"])
def test_a_custom_parameter_that_is_no_json_is_the_text_itself(text: str) -> None:
    assert combined([{"custom_params": {"a": text}}], []).params["custom_params"] == {"a": text}


def test_what_the_request_itself_gives_counts_more_than_any_parameter() -> None:
    given = {"messages": [], "temperature": 0.9, "tools": [{"type": "function"}]}
    params = {"temperature": "0.2", "top_p": "0.5", "max_tokens": "9", "custom_params": {"temperature": 0.3, "x": True}}
    assert upstream(given, params) == {**given, "top_p": 0.5, "max_tokens": 9, "x": True}


def test_parameters_of_open_models_and_of_ours_do_not_reach_openai() -> None:
    params = {"top_k": 4, "num_ctx": 8192, "function_calling": "native", "stream_response": False, "stop": r"END\n"}
    assert upstream({}, params) == {"stop": ["END\n"]}
    assert upstream({}, params, open_model=True) == {"stop": ["END\n"], "top_k": 4, "num_ctx": 8192}


@pytest.mark.parametrize(("stop", "sent"), [(["a", 5, ""], ["a"]), (5, None), ({"a": 1}, None), ([], None), ("", None)])
def test_what_is_no_stop_sequence_is_left_out(stop: Any, sent: Any) -> None:
    assert upstream({}, {"stop": stop}).get("stop") == sent


@pytest.mark.parametrize("fields", [None, {}, {"params": None}, {"params": []}, {"params": "x"}])
def test_params_that_are_none_count_for_nothing(fields: Any) -> None:
    assert params_in(fields) == {}


def test_system_prompts_of_instance_model_and_folder_are_all_said_and_then_the_conversations_own() -> None:
    general = [{"system": "Instance."}, {"system": " Model. "}, {"system": "Folder."}]
    settings = combined(general, [{"system": "Chat."}, {}])
    [first, second] = with_system([QUESTION], settings, {})
    assert first == {"role": "system", "content": "Instance.\n\nModel.\n\nFolder.\n\nChat."}
    assert second == QUESTION
    settings = combined(general, [{"system": "Chat."}, {"system": "Request."}])
    assert with_system([QUESTION], settings, {})[0]["content"].endswith("Folder.\n\nRequest.")


def test_a_system_message_of_the_client_stands_for_the_chats() -> None:
    settings = combined([{"system": "Model."}], [{"system": "Chat."}])
    messages = with_system([{"role": "system", "content": "Mine."}, QUESTION], settings, {})
    assert messages == [{"role": "system", "content": "Model.\n\nMine."}, QUESTION]


def test_without_any_system_prompt_there_is_no_system_message() -> None:
    assert with_system([QUESTION], combined([{}, {"system": " "}], [{}]), {}) == [QUESTION]


def test_variables_are_filled_in_system_prompts_and_nowhere_else() -> None:
    settings = combined([{"system": "You talk to {{USER_NAME}} about {{NOBODY_KNOWS}}."}], [])
    asked = {"role": "user", "content": "What is {{USER_NAME}}?"}
    filled = with_system([asked], settings, {"{{USER_NAME}}": "Ada"})
    assert filled == [{"role": "system", "content": "You talk to Ada about {{NOBODY_KNOWS}}."}, asked]


@pytest.fixture
def ada() -> UserItem:
    user = UserItem(*UserItem.key("u"), user_id="u", email="ada@example.com", name="Ada", role="user")
    user.date_of_birth, user.info = "1990-11-22", {"location": "London"}
    return user


MOMENT = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)


def test_the_account_and_the_clock_fill_what_a_client_does_not_say(ada: UserItem) -> None:
    variables = variables_of(ada, None, MOMENT)
    assert variables["{{USER_NAME}}"] == "Ada"
    assert variables["{{USER_EMAIL}}"] == "ada@example.com"
    assert variables["{{USER_LOCATION}}"] == "London"
    assert variables["{{USER_AGE}}"] == "35"
    assert variables["{{USER_BIO}}"] == "Unknown"
    assert variables["{{CURRENT_DATETIME}}"] == "2026-11-21 11:30:00 PM"
    assert variables["{{CURRENT_WEEKDAY}}"] == "Saturday"
    assert variables["{{CURRENT_TIMEZONE}}"] == "UTC"


def test_a_client_knows_its_clock_place_and_language_best(ada: UserItem) -> None:
    given = {"{{CURRENT_TIMEZONE}}": "Asia/Tokyo", "{{USER_LANGUAGE}}": "ja", "{{USER_LOCATION}}": "Unknown"}
    variables = variables_of(ada, given, MOMENT)
    assert variables["{{CURRENT_DATE}}"] == "2026-11-22"
    assert variables["{{USER_AGE}}"] == "36"
    assert variables["{{USER_LANGUAGE}}"] == "ja"
    assert variables["{{USER_LOCATION}}"] == "London"


@pytest.mark.parametrize("given", [[], "x", {"no variable": "x", "{{CURRENT_TIMEZONE}}": "../etc"}, {1: 2}])
def test_variables_that_are_none_do_no_harm(ada: UserItem, given: Any) -> None:
    variables = variables_of(ada, given, MOMENT)
    assert variables["{{CURRENT_DATE}}"] == "2026-11-21"
    assert all(name.startswith("{{") for name in variables)
