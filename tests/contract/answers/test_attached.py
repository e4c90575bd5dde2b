"""How many files one message may bring, where an admin has set that."""

from collections.abc import Iterator
from typing import Any

import pytest

from shared import sections
from shared.chats import store
from shared.retrieval.settings import RetrievalSettings
from tests.contract.answers.world import World

MESSAGES = [{"role": "user", "content": "What is in them?"}]


@pytest.fixture(autouse=True)
def _two_at_once(world: World) -> Iterator[None]:
    sections.update(RetrievalSettings, lambda _: RetrievalSettings(file_max_count=2))
    yield
    sections.update(RetrievalSettings, lambda _: RetrievalSettings())


def attached(count: int) -> list[dict[str, str]]:
    return [{"type": "file", "id": f"f{number}"} for number in range(count)] + [{"type": "collection", "id": "k"}]


def test_a_request_with_more_files_than_its_questions_may_bring_is_refused(world: World) -> None:
    def ask(files: Any, messages: list[Any]) -> Any:
        body = {"model": "test-model", "messages": messages, "files": files}
        return world.client.post("/api/chat/completions", json=body)

    refused = ask(attached(3), MESSAGES)
    assert refused.status_code == 400
    assert "At most 2 files" in refused.json()["detail"]
    assert ask(attached(2), MESSAGES).status_code == 200
    assert ask(attached(3), [*MESSAGES, {"role": "assistant", "content": "x"}, *MESSAGES]).status_code == 200
    assert ask("odd", MESSAGES).status_code == 200


def test_a_stored_question_with_more_files_than_one_may_bring_is_refused(world: World) -> None:
    stored = store.message(world.chat_id, world.message_id)
    assert stored is not None
    form = {"model": "test-model", "session_id": "s", "chat_id": world.chat_id, "id": world.message_id}

    def ask(count: int) -> Any:
        store.save_message(world.chat_id, {"id": stored["parentId"], "files": attached(count)})
        return world.client.post("/api/chat/completions", json=form)

    refused = ask(3)
    assert refused.status_code == 400
    assert "At most 2 files" in refused.json()["detail"]
    assert ask(2).status_code == 200
