"""Prompts made shorter, in view of the person, when the conversation is longer than its model takes."""

from collections.abc import Callable

from functions.generate import context
from functions.generate.prompt import Prompt
from shared.answers import AnswerRequest
from shared.llm.tokens import estimate, room_for

SUMMARISING = "This conversation is longer than the model takes: its beginning is being summarised."
SUMMARISED = "The beginning of this conversation was summarised, since all of it is longer than the model takes."
LEFT_OUT = "The beginning of this conversation was left out, since all of it is longer than the model takes."

# Tells the person: words, how many messages it is about, whether it is done.
Tell = Callable[[str, int, bool], None]


async def fit(prompt: Prompt, request: AnswerRequest, tell: Tell) -> Prompt | None:
    """A shorter prompt for a conversation that is longer than the model is known to take; None: it is not."""
    room = room_for(request.context_length, prompt.params)
    return (
        await _shorten(prompt, room, request, tell) if await context.is_too_long(request, prompt.body, room) else None
    )


async def halve(prompt: Prompt, request: AnswerRequest, tell: Tell) -> Prompt | None:
    """About half of a prompt, whatever the model's limit is; None when nothing can go."""
    half = estimate(prompt.body["messages"]) / 2
    return await _shorten(prompt, round(half / context.FILLED), request, tell)


async def _shorten(prompt: Prompt, room: int, request: AnswerRequest, tell: Tell) -> Prompt | None:
    before = prompt.summary
    covers = context.cut(prompt.messages, room, prompt.body.get("tools"))
    if covers <= (before.covers if before else 0):
        return None
    tell(SUMMARISING, covers, False)
    summary = await context.summarise(prompt.messages, covers, before, room, request)
    tell(SUMMARISED if summary.text else LEFT_OUT, covers, True)
    return prompt.begun_with(summary)
