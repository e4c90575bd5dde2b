"""What was done before an answer began, and what it is drawn from: told, and kept with the message."""

from collections.abc import Callable
from typing import Any

from functions.generate.prompt import Prompt
from shared.answers import AnswerRequest, Resume, wishes
from shared.llm.provider import Json


class Steps:
    """The steps of one answer; of each kind the last word is kept."""

    def __init__(self, resume: Resume | None, event: Callable[[str, Any], None]) -> None:
        self.statuses: list[Json] = resume.statuses if resume else []
        self.sources: list[Json] = resume.sources if resume else []
        self._goes_on, self._event = resume is not None, event

    def tell(self, status: Json) -> None:
        """Tells a step."""
        self._event("status", status)
        others = [each for each in self.statuses if each.get("action") != status.get("action")]
        self.statuses = [*others, status]

    def shortening(self, words: str, count: int, done: bool) -> None:
        """Tells that a conversation is made shorter."""
        self.tell({"action": "context_summary", "description": words, "count": count, "done": done})

    async def ground(self, prompt: Prompt, request: AnswerRequest) -> Prompt:
        """The prompt with what the answer is to be drawn from in it, if there is anything."""
        if not (prompt.attached or prompt.sources or request.knowledge or wishes(request.body.get("features"))):
            return prompt
        from functions.generate.sources import ground_answer

        grounded = await ground_answer(prompt, request, self.tell)
        if grounded is None:
            return prompt
        self.sources = grounded.sources
        if self.sources and not self._goes_on:
            self._event("chat:completion", {"sources": self.sources})
        return prompt.grounded(grounded.messages)

    def counts(self) -> Json:
        """How much there is of them, for clients that may have missed some."""
        return {"statuses": len(self.statuses), "sources": len(self.sources)}

    def stored(self) -> Json:
        """What the stored message says of them."""
        statuses: Json = {"statusHistory": self.statuses} if self.statuses else {}
        return {**statuses, **({"sources": self.sources} if self.sources else {})}
