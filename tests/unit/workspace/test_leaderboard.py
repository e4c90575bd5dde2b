"""Elo ratings out of votes."""

import random
import time

import pytest

from functions.workspace.leaderboard import leaderboard
from functions.workspace.votes import Vote
from shared.feedback import new_id

DAY = 86_400_000


def votes(*told: tuple[str, int, list[str]], start: int = 1_700_000_000_000, step: int = 1000) -> list[Vote]:
    return [
        Vote(new_id(start + number * step), rating, model, tuple(others), ())
        for number, (model, rating, others) in enumerate(told)
    ]


def test_ids_sort_by_time_and_tell_it() -> None:
    ids = [new_id(moment) for moment in (1, 255, 256, 1_700_000_000_000)]
    assert ids == sorted(ids)
    assert [Vote(one, 1, "a", (), ()).milliseconds for one in ids] == [1, 255, 256, 1_700_000_000_000]
    assert {one[14] for one in ids} == {"7"}


def test_ratings_move_by_what_nobody_expected() -> None:
    board = leaderboard(votes(("a", 1, ["b"]), ("a", 1, ["b"]), ("b", 1, ["a"])))
    assert {one.model_id: one.rating for one in board.models} == {"a": 1012, "b": 988}


def test_a_thumb_down_loses_to_each_model_beside_it() -> None:
    board = leaderboard(votes(("a", -1, ["b", "c"])))
    assert [(one.model_id, one.won, one.lost) for one in board.models][-1] == ("a", 0, 2)
    assert sum(one.rating or 0 for one in board.models) == pytest.approx(3000, abs=2)


def test_history_has_the_rating_at_the_end_of_each_day() -> None:
    board = leaderboard(votes(*[("a", 1, ["b"])] * 100, step=DAY))
    history = board.models[0].history
    assert len(history) == 60
    assert history[-1].rating == board.models[0].rating
    assert history[0].day < history[1].day


def test_fifty_thousand_votes_are_rated_within_a_second() -> None:
    chance = random.Random(1)
    models = [f"model-{number}" for number in range(30)]
    told = [(chance.choice(models), chance.choice((1, -1)), chance.sample(models, 2)) for _ in range(50_000)]
    many = votes(*told)
    started = time.process_time()
    board = leaderboard(many)
    assert board.votes == 50_000
    assert time.process_time() - started < 1.0
