"""The models people choose from: those of connections as admins changed them, presets made of them, and arenas."""

import asyncio
import random
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from shared import people
from shared.clock import now
from shared.errors import NotFound
from shared.evaluations import ArenaModel, EvaluationsSection
from shared.identity.access import may_write
from shared.llm.connections import Connection
from shared.llm.provider import Json
from shared.llm.registry import KEPT_SECONDS, UNKNOWN_SECONDS, Listing, Model, registry
from shared.presets import Preset, all_presets
from shared.prompting import GenerationSection
from shared.sections import load

if TYPE_CHECKING:
    from shared.identity.sessions import Identity

# What providers call the number of tokens that a model takes.
_LENGTHS = ("context_length", "max_context_length", "max_model_len", "context_window", "inputTokenLimit", "n_ctx")


@dataclass(frozen=True)
class _Instance:
    """Stands for whoever asks where access was decided before: by the preset that somebody shared."""

    id: str = ""
    is_admin: bool = True
    group_ids: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Choice:
    """What the id of a model stands for: whom to ask, and with which parameters."""

    id: str
    name: str
    connection: Connection
    model: Model
    params: Json = field(default_factory=dict)
    selected: str | None = None
    """Whom an arena has drawn."""
    sees: bool = True
    """Whether it takes images."""
    knowledge: list[Json] = field(default_factory=list)
    """What a preset answers from, as far as its owner may read it."""
    owner_id: str = ""

    @property
    def open_model(self) -> bool:
        """Whether its server may take parameters that OpenAI does not know."""
        return self.connection.kind not in ("openai", "azure")

    def context_length(self, otherwise: int = 0) -> int:
        """The tokens it takes: by its parameters, by what the provider says of it, or `otherwise`; 0: unknown."""
        said = [self.params.get(name) for name in ("context_length", "num_ctx")]
        said += [self.model.raw.get(name) for name in _LENGTHS]
        return next((count for length in said if (count := _count(length))), otherwise)


@dataclass(frozen=True)
class Catalog:
    """All models there are, at one moment."""

    listing: Listing
    presets: dict[str, Preset] = field(default_factory=dict)
    arenas: dict[str, ArenaModel] = field(default_factory=dict)
    generation: GenerationSection = field(default_factory=GenerationSection)

    def choose(self, model_id: str, user: "Identity") -> Choice:
        """Where the requests of a person to a model go; raises `NotFound`, also when the model is not for them."""
        preset = self.presets.get(model_id)
        if preset and preset.base_model_id and model_id not in self.listing.models:
            return self._of_preset(preset, user)
        arena = self.arenas.get(model_id)
        if arena and model_id not in self.listing.models:
            return self._of_arena(arena, user)
        connection, model = self.listing.route(model_id, user)
        changed = self.change_of(model)
        if changed is None:
            return Choice(model.id, model.name, connection, model)
        if not changed.visible_to(user):
            raise NotFound(_unknown(model_id))
        chosen = Choice(model.id, changed.name, connection, model, changed.params.given())
        return replace(chosen, **_drawn_from(changed))

    def find(self, model_id: str) -> Choice:
        """The same on behalf of the instance, whatever people may."""
        return self.choose(model_id, cast("Identity", _Instance()))

    def shown(self, user: "Identity") -> list[Json]:
        """The contract's entries of /api/models for a person, hidden ones too."""
        models = [model for model in self.listing.visible_to(user) if self._may_use(model, user)]
        entries = [_entry(self._plain(model), self.change_of(model), user) for model in models]
        taken = set(self.listing.models)
        made = [one for one in self.presets.values() if one.base_model_id and one.id not in taken]
        granted = self._granted([one for one in made if one.visible_to(user)], user)
        entries += [_entry(self._preset(preset), preset, user) for preset in granted]
        arenas = [one for one in self.arenas.values() if one.id not in taken | set(self.presets)]
        return [*entries, *(_arena(one) for one in arenas if one.visible_to(user))]

    def change_of(self, model: Model) -> Preset | None:
        """What an admin changed of a connection's model."""
        change = self.presets.get(model.id)
        return change if change and not change.base_model_id else None

    def _may_use(self, model: Model, user: "Identity") -> bool:
        """Whether a person may use a connection's model by itself."""
        change = self.change_of(model)
        return bool(self.listing.servers(model, user)) and (change is None or change.visible_to(user))

    def _granted(self, presets: list[Preset], user: "Identity") -> list[Preset]:
        """Those of the presets whose base model a person may use, or is given by an admin; also those without any.

        An admin may share what a model does without the model; others have only what they may use to share.
        """
        refused = {
            one.id: one.user_id
            for one in presets
            if (base := self.listing.named(str(one.base_model_id))) and not self._may_use(base, user)
        }
        admins = _admins(refused.values())
        return [one for one in presets if one.id not in refused or one.user_id in admins]

    def _of_preset(self, preset: Preset, user: "Identity") -> Choice:
        if not preset.visible_to(user) or not self._granted([preset], user):
            raise NotFound(_unknown(preset.id))
        base = self.listing.named(str(preset.base_model_id))
        if base is None:
            raise NotFound(
                f"{preset.name} is made of the model {preset.base_model_id}, which is not there any more. "
                "Pick another model, or give it another base model."
            )
        asks = user if self._may_use(base, user) else cast("Identity", _Instance())
        connection, model = self.listing.route(base.id, asks)
        chosen = Choice(preset.id, preset.name, connection, model, preset.params.given())
        return replace(chosen, **_drawn_from(preset))

    def _of_arena(self, arena: ArenaModel, user: "Identity") -> Choice:
        if not arena.visible_to(user):
            raise NotFound(_unknown(arena.id))
        shown = (entry for entry in self.shown(user) if entry["owned_by"] != "arena" and "missing_base" not in entry)
        able = [entry["id"] for entry in shown if arena.draws_from(entry["id"])]
        if not able:
            raise NotFound(f"{arena.name} has no model to draw from. Pick another model, or ask an admin.")
        drawn = self.choose(random.choice(able), user)  # noqa: S311 - nobody gains by foreseeing it
        return replace(drawn, id=arena.id, name=arena.name, selected=drawn.id)

    def _plain(self, model: Model) -> Json:
        return model.shown(self.listing.connections[model.connection], self.listing.first_ollama)

    def _preset(self, preset: Preset) -> Json:
        entry: Json = {"id": preset.id, "object": "model", "created": preset.created_at, "preset": True}
        base = self.listing.named(str(preset.base_model_id))
        if base is None:
            return {**entry, "owned_by": "openai", "tags": [], "missing_base": preset.base_model_id}
        shown = self._plain(base)
        return {**entry, **{name: shown[name] for name in ("owned_by", "urlIdx", "connection_type", "tags")}}


async def catalog(*, refresh: bool = False, seconds: int | None = None) -> Catalog:
    """All models; those of connections as old as `registry.listing` has it.

    A list that people look at (`seconds` is None) has what they changed a moment ago.
    """
    kept = {} if seconds is None else {"seconds": seconds}
    listing, presets, arenas, generation = await asyncio.gather(
        registry.listing(refresh=refresh, **kept),
        asyncio.to_thread(all_presets, fresh=seconds is None),
        asyncio.to_thread(load, EvaluationsSection),
        asyncio.to_thread(load, GenerationSection),
    )
    return _together(listing, presets, arenas, generation)


async def choose(model_id: str, user: "Identity", known: Catalog | None = None) -> Choice:
    """`Catalog.choose`; for a model that is not on the list, which may be new, table and providers are asked again."""
    known = known or await catalog(seconds=KEPT_SECONDS)
    if model_id not in known.presets and model_id not in known.arenas and known.listing.named(model_id) is None:
        presets = await asyncio.to_thread(all_presets, fresh=True)
        known = replace(known, presets={one.id: one for one in presets})
    preset = known.presets.get(model_id)
    wanted = preset.base_model_id if preset and preset.base_model_id else model_id
    old = now() - known.listing.fetched_at > UNKNOWN_SECONDS
    if known.listing.named(wanted) is None and model_id not in known.arenas and old:
        known = replace(known, listing=await registry.listing(refresh=True))
    return await asyncio.to_thread(known.choose, model_id, user)


def _together(
    listing: Listing, presets: tuple[Preset, ...], arenas: EvaluationsSection, generation: GenerationSection
) -> Catalog:
    return Catalog(listing, {one.id: one for one in presets}, {one.id: one for one in arenas.arena()}, generation)


def _entry(entry: Json, preset: Preset | None, user: "Identity") -> Json:
    """An entry with what a preset says of the model. System prompt and knowledge are for those who may change it."""
    entry = {**entry, "actions": [], "filters": []}
    if preset is None:
        return entry
    info = preset.model_dump(mode="json")
    if not may_write(user, preset.user_id, preset.access_control):
        info["params"].pop("system", None)
        info["meta"].pop("knowledge", None)
    own = info["meta"].get("tags")
    tags = _named([*(own if isinstance(own, list) else []), *entry["tags"]])
    return {**entry, "name": preset.name, "info": info, "tags": tags}


def _named(tags: list[Any]) -> list[Json]:
    """The tags that have a name, each once."""
    named = [tag for tag in tags if isinstance(tag, dict) and isinstance(tag.get("name"), str) and tag["name"]]
    return list({tag["name"]: tag for tag in named}.values())


def _drawn_from(preset: Preset) -> Json:
    """What a preset says of an answer's material."""
    return {"sees": preset.meta.sees, "knowledge": preset.meta.knowledge, "owner_id": preset.user_id}


def _arena(arena: ArenaModel) -> Json:
    meta = arena.meta.model_dump(mode="json")
    return {
        "id": arena.id,
        "name": arena.name,
        "object": "model",
        "created": now(),
        "owned_by": "arena",
        "arena": True,
        "info": {"meta": {name: value for name, value in meta.items() if name not in ("model_ids", "access_control")}},
        "tags": [],
        "actions": [],
        "filters": [],
    }


def _admins(user_ids: Iterable[str]) -> set[str]:
    """Those of the people who are admins."""
    asked = set(user_ids)
    return {user.user_id for user in people.find(asked).values() if user.role == "admin"} if asked else set()


def _count(value: Any) -> int:
    try:
        return max(0, int(value))
    except (TypeError, ValueError, OverflowError):
        return 0


def _unknown(model_id: str) -> str:
    return f"Model not found: {model_id}. Pick another one from the list."
