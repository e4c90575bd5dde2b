"""How answers end, in words a person understands."""

from dataclasses import dataclass

from shared.runs import State

TIME_IS_UP = (
    "This answer ran into the time limit of the server and was ended here. Its text is kept: "
    "press Continue to have the model go on from it."
)
NOTHING_SAID = "The model ended without an answer. Try again, or pick another model."
UNEXPECTED = "Something went wrong on the server while answering. The text so far is kept; try again."


class Stopped(Exception):
    """Its owner asked to stop the answer."""


class TimeIsUp(Exception):
    """The function's time limit is near."""


@dataclass
class Outcome:
    """How an answer ended; `error` in words a person understands."""

    state: State
    error: str | None = None
