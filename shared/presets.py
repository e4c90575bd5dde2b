"""Model presets: models that people made of other models, and an admin's changes to the models of connections."""

import hashlib
import time
from contextlib import suppress
from typing import Any, Self

from pydantic import ConfigDict, Field
from pynamodb.attributes import BooleanAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute, VersionAttribute
from pynamodb.exceptions import UpdateError

from shared.deferred import Deferred
from shared.identity.access import AccessControl, Person, may_read
from shared.json_input import mended
from shared.storage import objects
from shared.storage.tables import Item, TableMeta, delete_all

PRESETS, PREFIX = "PRESETS", "MODEL#"
# A change is seen by every warm function within this time; the function that made it sees it at once.
FRESH_SECONDS = 5.0


class ModelParams(Deferred):
    """Parameters of a model: `system`, `temperature`, `stop`, `custom_params` and so on, as clients name them."""

    model_config = ConfigDict(extra="allow")

    def given(self) -> dict[str, Any]:
        """Those that are set, by name."""
        return {name: value for name, value in self.model_dump().items() if value is not None}


class ModelMeta(Deferred):
    """What clients show of a model, and what it works with. `hidden` keeps it off the list that people choose from."""

    model_config = ConfigDict(extra="allow")

    profile_image_url: str | None = None
    description: str | None = None
    capabilities: dict[str, Any] | None = None

    @property
    def hidden(self) -> bool:
        """Whether it is off the list that people choose from; it can still be used."""
        return bool((self.model_extra or {}).get("hidden"))

    @property
    def knowledge(self) -> list[dict[str, Any]]:
        """What it answers from: knowledge bases, files and so on, as clients list them."""
        listed = (self.model_extra or {}).get("knowledge")
        return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []

    @property
    def sees(self) -> bool:
        """Whether the model takes images; it does as long as nobody says it does not."""
        return (self.capabilities or {}).get("vision") is not False


class Preset(Deferred):
    """A preset, in the contract's shape; times in epoch seconds.

    With `base_model_id` it is a model of its own that answers by that one. Without, it changes how the connection's
    model of the same id looks, what it is asked with, and who may use it. Inactive, the model does not exist for
    anybody; what admins made of it still does.
    """

    id: str
    user_id: str
    base_model_id: str | None = None
    name: str
    params: ModelParams = Field(default_factory=ModelParams)
    meta: ModelMeta = Field(default_factory=ModelMeta)
    access_control: AccessControl | None = None
    is_active: bool = True
    updated_at: int
    created_at: int

    def visible_to(self, user: Person) -> bool:
        """Whether the person may use the model."""
        return self.is_active and may_read(user, self.user_id, self.access_control)


class PresetItem(Item):
    """PRESETS/MODEL#<id>: all presets are one partition, so that one consistent query reads them."""

    class Meta(metaclass=TableMeta):
        setting = "workspace_table"

    user_id = UnicodeAttribute()
    base_model_id = UnicodeAttribute(null=True)
    name = UnicodeAttribute()
    params = JSONAttribute()
    meta = JSONAttribute()
    access_control = JSONAttribute(null=True)
    is_active = BooleanAttribute(default=True)
    created_at = NumberAttribute()
    updated_at = NumberAttribute()
    version = VersionAttribute()

    @staticmethod
    def key(preset_id: str) -> tuple[str, str]:
        """The preset's (pk, sk)."""
        return PRESETS, f"{PREFIX}{preset_id}"

    @classmethod
    def of(cls, preset: Preset) -> Self:
        """An item with everything a preset has."""
        item = cls(*cls.key(preset.id))
        item.take(preset)
        return item

    def take(self, preset: Preset) -> None:
        """Takes over everything a preset has but its id."""
        for name, value in preset.model_dump(mode="json", exclude={"id"}).items():
            setattr(self, name, value)

    def preset(self) -> Preset:
        """The preset that the item holds."""
        return Preset(
            id=self.sk.removeprefix(PREFIX),
            user_id=self.user_id,
            base_model_id=self.base_model_id,
            name=self.name,
            params=mended(self.params),
            meta=mended(self.meta),
            access_control=self.access_control,
            is_active=self.is_active,
            created_at=int(self.created_at),
            updated_at=int(self.updated_at),
        )


_cache: tuple[float, tuple[Preset, ...]] | None = None


def all_presets(*, fresh: bool = False) -> tuple[Preset, ...]:
    """Every preset, inactive and hidden ones too, by id; at most `FRESH_SECONDS` old unless `fresh`. Read-only."""
    global _cache
    if _cache and not fresh and time.monotonic() - _cache[0] < FRESH_SECONDS:
        return _cache[1]
    asked = time.monotonic()
    stored = PresetItem.query(PRESETS, PresetItem.sk.startswith(PREFIX), consistent_read=True)
    presets = tuple(item.preset() for item in stored)
    _cache = (asked, presets)
    return presets


def preset(preset_id: str, *, fresh: bool = False) -> Preset | None:
    """The preset of that id, or None; as old as `all_presets`."""
    return next((one for one in all_presets(fresh=fresh) if one.id == preset_id), None)


def icons_of(preset_id: str) -> str:
    """Where the pictures of a preset lie: the beginning of their keys."""
    return f"presets/{hashlib.sha256(preset_id.encode()).hexdigest()[:32]}/"


def delete_of(user_id: str) -> None:
    """Deletes all presets of a person, first their icons, so that a deletion that broke off can be repeated."""
    mine = [one.id for one in all_presets(fresh=True) if one.user_id == user_id]
    for preset_id in mine:
        objects.delete(*objects.keys(icons_of(preset_id)))
    delete_all(PresetItem, map(PresetItem.key, mine))
    forget()


def forget_knowledge(knowledge_id: str) -> None:
    """Takes a knowledge base that is being deleted out of all presets."""
    for one in all_presets(fresh=True):
        left = [each for each in one.meta.knowledge if each.get("id") != knowledge_id]
        if len(left) == len(one.meta.knowledge):
            continue
        meta = one.meta.model_dump(mode="json") | {"knowledge": left}
        # Somebody who changes it just now wins: an answer looks for what there is.
        with suppress(PresetItem.DoesNotExist, UpdateError):
            PresetItem.get(*PresetItem.key(one.id), consistent_read=True).update([PresetItem.meta.set(meta)])
    forget()


def forget() -> None:
    """Empties this process's cache."""
    global _cache
    _cache = None
