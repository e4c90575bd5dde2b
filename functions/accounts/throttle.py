"""Counting attempts per account and per viewer address, in windows of five minutes (items with TTL)."""

import hashlib
from dataclasses import dataclass

from pynamodb.attributes import NumberAttribute

from shared.clock import now
from shared.errors import TooManyRequests
from shared.storage.tables import Item, TableMeta, written

WINDOW_SECONDS = 300


class AttemptsItem(Item):
    """THROTTLE#<kind>#<hash>/<window>: how often something was tried in one window."""

    class Meta(metaclass=TableMeta):
        setting = "accounts_table"

    attempts = NumberAttribute()


@dataclass(frozen=True)
class Limit:
    """How often one kind of thing may be tried in a window."""

    kind: str
    attempts: int

    def take(self, subject: str) -> None:
        """Counts one attempt of `subject`; raises `TooManyRequests` when all are used up."""
        moment = now()
        ends = (moment // WINDOW_SECONDS + 1) * WINDOW_SECONDS
        if not written(
            self._item(subject, moment).update,
            actions=[AttemptsItem.attempts.add(1), AttemptsItem.expires_at.set(ends)],
            condition=AttemptsItem.attempts.does_not_exist() | (AttemptsItem.attempts < self.attempts),
        ):
            wait = max(1, ends - moment)
            raise TooManyRequests(f"Too many attempts. Try again in {_in_words(wait)}.", wait)

    def give_back(self, subject: str) -> None:
        """Takes back one attempt of `subject` in this window: it was a good one."""
        written(
            self._item(subject, now()).update,
            actions=[AttemptsItem.attempts.add(-1)],
            condition=AttemptsItem.attempts > 0,
        )

    def _item(self, subject: str, moment: int) -> AttemptsItem:
        digest = hashlib.sha256(subject.encode()).hexdigest()[:32]
        return AttemptsItem(f"THROTTLE#{self.kind}#{digest}", str(moment // WINDOW_SECONDS))


# A person mistypes; an office shares an address. Failures count, successes are given back.
PER_ACCOUNT = Limit("account", 10)
PER_ADDRESS = Limit("address", 100)
SIGN_UPS_PER_ADDRESS = Limit("sign-up", 500)


def _in_words(seconds: int) -> str:
    if seconds < 60:
        return f"{seconds} seconds"
    minutes = -(-seconds // 60)
    return "a minute" if minutes == 1 else f"{minutes} minutes"
