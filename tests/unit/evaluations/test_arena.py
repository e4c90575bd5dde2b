"""Which models answer in the arena."""

import pytest

from shared.evaluations import DEFAULT_ARENA_ID, ArenaMeta, ArenaModel, EvaluationsSection


@pytest.mark.parametrize(
    ("listed", "mode", "drawn"),
    [
        (None, None, ["a", "b"]),
        ([], "include", ["a", "b"]),
        (["a"], None, ["a"]),
        (["a"], "include", ["a"]),
        (["a"], "exclude", ["b"]),
    ],
)
def test_an_arena_model_draws_from_those_it_names(listed: list[str] | None, mode: str | None, drawn: list[str]) -> None:
    model = ArenaModel(id="arena", name="Arena", meta=ArenaMeta(model_ids=listed, filter_mode=mode))
    assert [one for one in ("a", "b") if model.draws_from(one)] == drawn


def test_there_is_an_arena_when_an_admin_turned_it_on() -> None:
    named = ArenaModel(id="mine", name="Mine")
    assert EvaluationsSection(arena_models=[named]).arena() == []
    assert [one.id for one in EvaluationsSection(enable_arena_models=True).arena()] == [DEFAULT_ARENA_ID]
    assert EvaluationsSection(enable_arena_models=True, arena_models=[named]).arena() == [named]
