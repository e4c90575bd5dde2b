"""How long an answer takes, over all the invocations that work on it. In seconds."""

import time

from functions.generate.delivery import Delivery
from shared.answers import Resume


class Timing:
    """The clock of one answer; `resume` is where the invocation before had to stop."""

    def __init__(self, resume: Resume | None) -> None:
        self._resume = resume
        self._started = time.monotonic()
        self._reasoned: float | None = None

    def reasoned(self) -> None:
        """The model has begun to answer after its reasoning."""
        self._reasoned = self._reasoned or time.monotonic()

    def elapsed(self, moment: float | None = None) -> float:
        """From the beginning until now, or until a moment of time.monotonic."""
        before = self._resume.elapsed if self._resume else 0.0
        return round(before + (moment or time.monotonic()) - self._started, 3)

    def first_token(self, delivery: Delivery) -> float | None:
        """Until the first piece, None before."""
        if self._resume and self._resume.first_token is not None:
            return self._resume.first_token
        return None if delivery.first_at is None else self.elapsed(delivery.first_at)

    def reasoning(self, delivery: Delivery) -> float:
        """How long the model reasoned before it answered."""
        if self._resume and self._resume.reasoned is not None:
            return self._resume.reasoned
        return round((self._reasoned or time.monotonic()) - (delivery.first_at or self._started), 1)
