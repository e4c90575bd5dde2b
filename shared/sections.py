"""Settings an admin changes at run time: one typed section per concern, one item each in the platform table."""

import time
from collections.abc import Callable
from typing import ClassVar, TypeVar

from pydantic import ConfigDict
from pynamodb.attributes import JSONAttribute, VersionAttribute

from shared.deferred import Deferred
from shared.errors import Conflict
from shared.storage.tables import Item, TableMeta, written

# A change by an admin is seen by every warm function within this time; the function that made it sees it at once.
FRESH_SECONDS = 5.0

S = TypeVar("S", bound="Section")


class Section(Deferred):
    """A section of settings with its defaults; `section` is its key in the table. Unknown stored fields are dropped."""

    model_config = ConfigDict(extra="ignore")
    section: ClassVar[str]


class SectionItem(Item):
    """SETTINGS/<section>."""

    class Meta(metaclass=TableMeta):
        setting = "platform_table"

    data = JSONAttribute()
    version = VersionAttribute()


_cache: dict[str, tuple[float, Section]] = {}


def load(model: type[S], *, fresh: bool = False) -> S:
    """The section as stored, or its defaults; at most `FRESH_SECONDS` old unless `fresh`."""
    known = _cache.get(model.section)
    if known and not fresh and time.monotonic() - known[0] < FRESH_SECONDS and isinstance(known[1], model):
        return known[1].model_copy(deep=True)
    item = _item(model)
    return _remember(model.model_validate(item.data) if item else model())


def update(model: type[S], change: Callable[[S], S]) -> S:
    """Applies `change` to the section and stores it; repeated when another writer came between.

    Raises `Conflict` after five lost races.
    """
    for _ in range(5):
        item = _item(model) or SectionItem("SETTINGS", model.section)
        section = change(model.model_validate(item.data or {}))
        item.data = section.model_dump(mode="json")
        if written(item.save):
            return _remember(section)
    raise Conflict("Somebody else is changing these settings. Reload the page and try again.")


def forget() -> None:
    """Empties this process's cache."""
    _cache.clear()


def _item(model: type[Section]) -> SectionItem | None:
    try:
        return SectionItem.get("SETTINGS", model.section, consistent_read=True)
    except SectionItem.DoesNotExist:
        return None


def _remember(section: S) -> S:
    _cache[section.section] = (time.monotonic(), section)
    return section.model_copy(deep=True)
