"""An answer that is to be drawn from something, and the searches that find what its question needs."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from shared.grounding.attachments import Json
from shared.identity.access import Person
from shared.identity.permissions import permissions
from shared.llm.connections import Connection
from shared.llm.errors import ProviderError
from shared.llm.tokens import estimate, room_for
from shared.logs import logger
from shared.sections import load
from shared.tasks import doing, reading
from shared.tasks.prompts import plain
from shared.tasks.section import TasksSection

UNKNOWN_ROOM = 24_000
"""Tokens for sources where nobody knows what the model takes."""
LONGEST_QUERY = 2000
_NONE_NEEDED = re.compile(r'"queries"\s*:\s*\[\s*\]')


@dataclass(frozen=True)
class Asking:
    """What an answer is to be drawn from, for whom, and by which model.

    `items` are named by the person, the chat or the folder, and checked for the person; `granted` by a preset, and
    checked for its `owner`. `before` are the sources that the answer has cited already, when it goes on.
    """

    person: Person
    messages: list[Json]
    connection: Connection
    model: str
    items: Sequence[Any] = ()
    granted: Sequence[Any] = ()
    owner: Person | None = None
    web: bool = False
    memory: bool = False
    before: Sequence[Json] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    context_length: int = 0
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def wanted(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self.items or self.granted or self.web or self.memory or self.before)

    def wishing(self, features: object) -> "Asking":
        """The same with those of the contract's `features` that the person wants, and may have."""
        given = features if isinstance(features, dict) else {}
        web = bool(given.get("web_search")) and (self.person.is_admin or permissions().features.web_search)
        return replace(self, web=web, memory=bool(given.get("memory")))

    @property
    def question(self) -> str:
        """The person's last message."""
        said = (plain(message.get("content")) for message in reversed(self.messages) if message.get("role") == "user")
        return next(said, "")

    @property
    def room(self) -> float:
        """The tokens that sources may take: what the conversation leaves, at least a third of what the model takes."""
        if not self.context_length:
            return UNKNOWN_ROOM
        room = room_for(self.context_length, self.params)
        return max(room * 0.9 - estimate(self.messages), room / 3)


async def queries(asking: Asking, purpose: str) -> list[str]:
    """What to search for: by the task model, or the question as it stands. Empty: no search of the web is needed."""
    section = load(TasksSection)
    asked = [asking.question[:LONGEST_QUERY]] if asking.question.strip() else []
    if not asked or not section.enabled("queries", purpose):
        return asked
    try:
        said = await doing.said("queries", section, asking.messages, asking.connection, asking.model, asking.variables)
    except (ProviderError, LookupError, TypeError, AttributeError) as error:
        logger().warning("task failed", extra={"task": "queries", "code": type(error).__name__})
        return asked
    found = reading.read("queries", said)
    if found:
        return list(found)
    return [] if purpose == "web_search" and _NONE_NEEDED.search(said) else asked
