"""The leaderboard: Elo ratings out of votes (https://en.wikipedia.org/wiki/Elo_rating_system)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from functions.workspace.models import DayRating, Leaderboard, Standing, TagCount
from functions.workspace.votes import Vote

START, K, SCALE = 1000.0, 32.0, 400.0
DAYS, TAGS = 60, 200
_DAY_MILLISECONDS = 86_400_000


@dataclass(slots=True)
class _Model:
    rating: float = START
    won: int = 0
    lost: int = 0
    up: int = 0
    down: int = 0
    days: dict[int, float] = field(default_factory=dict)

    def played(self, change: float, day: int) -> None:
        self.rating += change
        if change > 0:
            self.won += 1
        else:
            self.lost += 1
        self.days[day] = self.rating


def leaderboard(votes: Sequence[Vote], tag: str | None = None) -> Leaderboard:
    """Models by rating, out of the votes (oldest first) that have `tag`, in any case; of all without it.

    A thumb up wins against each model that answered beside it, a thumb down loses; each pair moves by
    K · (1 - the chance that the winner had).
    """
    wanted = tag.strip().casefold() if tag else ""
    counted = [vote for vote in votes if wanted in map(str.casefold, vote.tags)] if wanted else votes
    models: dict[str, _Model] = {}
    for vote in counted:
        rated = models.setdefault(vote.model, _Model())
        if vote.rating > 0:
            rated.up += 1
        else:
            rated.down += 1
        for other_id in vote.others:
            other = models.setdefault(other_id, _Model())
            winner, loser = (rated, other) if vote.rating > 0 else (other, rated)
            change = K / (1 + 10 ** ((winner.rating - loser.rating) / SCALE))
            day = vote.milliseconds // _DAY_MILLISECONDS
            winner.played(change, day)
            loser.played(-change, day)
    standings = [_standing(model_id, model) for model_id, model in models.items()]
    standings.sort(key=lambda one: (one.rating is None, -(one.rating or 0), one.down - one.up, one.model_id))
    tags = Counter(tag for vote in votes for tag in vote.tags).most_common(TAGS)
    return Leaderboard(
        models=standings, tags=[TagCount(tag=name, votes=count) for name, count in tags], votes=len(counted)
    )


def _standing(model_id: str, model: _Model) -> Standing:
    compared = model.won + model.lost
    days = list(model.days.items())[-DAYS:]
    return Standing(
        model_id=model_id,
        rating=round(model.rating) if compared else None,
        won=model.won,
        lost=model.lost,
        up=model.up,
        down=model.down,
        history=[DayRating(day=_date(day), rating=round(rating)) for day, rating in days],
    )


def _date(day: int) -> str:
    return datetime.fromtimestamp(day * 86_400, UTC).date().isoformat()
