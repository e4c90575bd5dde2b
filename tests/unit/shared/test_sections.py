"""Settings sections an admin changes at run time."""

from typing import Any, ClassVar

import pytest
from pynamodb.exceptions import PutError

from shared import sections
from shared.errors import Conflict


class Colours(sections.Section):
    section: ClassVar[str] = "colours"
    background: str = "white"
    marks: list[str] = []


class FakeTable:
    """Stands in for the platform table at the seam `SectionItem` offers: get and a versioned save."""

    def __init__(self) -> None:
        self.stored: dict[str, Any] | None = None
        self.version = 0
        self.reads = 0
        self.rivals = 0


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> FakeTable:
    sections.forget()
    fake = FakeTable()

    def get(model: type[sections.Section]) -> sections.SectionItem | None:
        fake.reads += 1
        if fake.stored is None:
            return None
        return sections.SectionItem("SETTINGS", model.section, data=fake.stored, version=fake.version)

    def save(item: sections.SectionItem, *args: Any, **kwargs: Any) -> dict[str, Any]:
        if fake.rivals:
            fake.rivals -= 1
            fake.stored, fake.version = {"marks": [*(fake.stored or {}).get("marks", []), "rival"]}, fake.version + 1
            raise _condition_failed()
        fake.stored, fake.version = item.data, fake.version + 1
        return {}

    monkeypatch.setattr(sections, "_item", get)
    monkeypatch.setattr(sections.SectionItem, "save", save)
    return fake


def _condition_failed() -> PutError:
    from botocore.exceptions import ClientError

    return PutError("lost", ClientError({"Error": {"Code": "ConditionalCheckFailedException"}}, "PutItem"))


def test_a_section_nobody_changed_has_its_defaults(table: FakeTable) -> None:
    assert sections.load(Colours).background == "white"


def test_a_change_is_seen_at_once_by_who_made_it_without_another_read(table: FakeTable) -> None:
    sections.update(Colours, lambda c: c.model_copy(update={"background": "grey"}))
    reads = table.reads
    assert sections.load(Colours).background == "grey"
    assert table.reads == reads


def test_a_loaded_section_is_the_callers_own(table: FakeTable) -> None:
    sections.load(Colours).marks.append("mine")
    assert sections.load(Colours).marks == []


def test_a_lost_race_applies_the_change_to_what_the_other_writer_stored(table: FakeTable) -> None:
    table.rivals = 1
    stored = sections.update(Colours, lambda c: c.model_copy(update={"marks": [*c.marks, "mine"]}))
    assert stored.marks == ["rival", "mine"]


def test_five_lost_races_are_told_and_change_nothing(table: FakeTable) -> None:
    table.rivals = 5
    with pytest.raises(Conflict):
        sections.update(Colours, lambda c: c.model_copy(update={"background": "black"}))


def test_fields_a_newer_version_stored_are_left_aside(table: FakeTable) -> None:
    table.stored = {"background": "blue", "from_the_future": 1}
    assert sections.load(Colours, fresh=True).background == "blue"
