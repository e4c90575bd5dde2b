"""Model presets: make, change, list, import, export."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from functions.workspace import icons
from functions.workspace.models import ModelForm, ModelUserResponse
from shared import pictures
from shared import presets as shared
from shared.clock import now
from shared.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge
from shared.identity.access import AccessControl, may_read, may_write
from shared.identity.permissions import permissions
from shared.identity.sessions import Identity
from shared.people import access_for, owners, require
from shared.presets import Preset, PresetItem
from shared.storage.tables import written

# DynamoDB's limit is 400 KB with all names: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
LARGEST = 390_000
NO_PRESET = "This model does not exist in the workspace. It may have been deleted."
_CHANGED = "Somebody else made or changed this model at the same time. Reload it and try again."
_FOR_GOOD = {"cache-control": "private, max-age=31536000, immutable"}


def listed(user: Identity, preset_id: str | None) -> list[ModelUserResponse]:
    """The presets with a base that the person may change, with their owners; newest first."""
    mine = [
        one
        for one in shared.all_presets(fresh=True)
        if one.base_model_id is not None
        and preset_id in (None, one.id)
        and may_write(user, one.user_id, one.access_control)
    ]
    people = owners(one.user_id for one in mine)
    mine.sort(key=lambda one: one.updated_at, reverse=True)
    return [ModelUserResponse(**one.model_dump(), user=people.get(one.user_id)) for one in mine]


def changes_of_base_models() -> list[Preset]:
    """What admins changed of the connections' own models."""
    return [one for one in shared.all_presets(fresh=True) if one.base_model_id is None]


def get(user: Identity, preset_id: str) -> Preset:
    """A preset that the person may read; raises `NotFound`."""
    return _readable(user, preset_id).preset()


def create(user: Identity, form: ModelForm) -> Preset:
    """Makes a preset. Raises `Forbidden`, `Invalid`, `Conflict` when the id is taken, `TooLarge`."""
    require(user, permissions().workspace.models, "make models")
    _check_base(user, form, None)
    _check_knowledge(user, form, None)
    preset = _from(form, user.id, access_for(user, form, permissions().sharing.public_models))
    if _find(preset.id) is not None:
        raise Conflict(f"There is a model with the id {preset.id} already. Choose another id.")
    _store(PresetItem.of(preset), preset)
    return preset


def update(user: Identity, preset_id: str, form: ModelForm) -> Preset:
    """Replaces what a preset has; its id and owner stay. Raises `NotFound`, `Forbidden`, `Invalid`, `TooLarge`."""
    item = _writable(user, preset_id)
    stored = item.preset()
    _check_base(user, form, stored)
    _check_knowledge(user, form, stored)
    access = access_for(user, form, permissions().sharing.public_models, stored)
    preset = _from(form.model_copy(update={"id": preset_id}), stored.user_id, access, created_at=stored.created_at)
    _store(item, preset, before=stored)
    return preset


def toggle(user: Identity, preset_id: str) -> Preset:
    """Turns a preset on or off: off, the model is there for nobody. Raises `NotFound`, `Forbidden`."""
    item = _writable(user, preset_id)
    preset = item.preset()
    preset.is_active, preset.updated_at = not preset.is_active, now()
    _store(item, preset)
    return preset


def delete(user: Identity, preset_id: str) -> bool:
    """Deletes a preset; raises `NotFound`, `Forbidden`, `Conflict`."""
    _remove(_writable(user, preset_id))
    return True


def delete_everything() -> bool:
    """Deletes all presets of everybody."""
    for item in _items():
        _remove(item)
    return True


def exported() -> list[dict[str, Any]]:
    """All presets with a base, icons within them, as `import_all` and other servers take them."""
    presets = [one.model_copy(deep=True) for one in shared.all_presets(fresh=True) if one.base_model_id is not None]
    for one in presets:
        one.meta.profile_image_url = icons.whole(one.meta.profile_image_url)
    return [one.model_dump(mode="json") for one in presets]


def import_all(user: Identity, models: list[dict[str, Any]]) -> bool:
    """Adds presets, and replaces those whose ids are there. Nothing is stored when one is not right.

    Fields left out keep what is stored. Raises `Invalid`, which names the preset, or `TooLarge`.
    """
    stored = {item.preset().id: item for item in _items()}
    forms = [_form(number, given, stored) for number, given in enumerate(models, start=1)]
    _write(user, forms, stored)
    return True


def sync(user: Identity, models: list[Preset]) -> list[Preset]:
    """Makes these all the presets there are; those not among them are deleted. Raises `Invalid`, `TooLarge`."""
    stored = {item.preset().id: item for item in _items()}
    names = ModelForm.model_fields
    forms = [
        _form(number, {k: v for k, v in one.model_dump(mode="json").items() if k in names}, {})
        for number, one in enumerate(models, start=1)
    ]
    kept = {form.id for form in forms}
    _write(user, forms, stored)
    for preset_id, item in stored.items():
        if preset_id not in kept:
            _remove(item)
    return list(shared.all_presets(fresh=True))


def icon(user: Identity, preset_id: str, *, for_good: bool) -> Response:
    """A preset's icon, a redirect to it, or initials: also of a model that has no preset or is not for this person."""
    item = _find(preset_id)
    preset = item.preset() if item else None
    if preset is None or not may_read(user, preset.user_id, preset.access_control):
        return _drawn(preset_id, preset_id)
    url = preset.meta.profile_image_url or ""
    if found := icons.read(url):
        return Response(found[1], media_type=found[0], headers=pictures.HEADERS | (_FOR_GOOD if for_good else {}))
    if url.startswith(("http://", "https://")):
        return RedirectResponse(url, status_code=302, headers={"cache-control": "private, max-age=300"})
    return _drawn(preset.name, preset_id)


def _drawn(name: str, seed: str) -> Response:
    return Response(pictures.initials(name, seed), media_type="image/svg+xml", headers=pictures.HEADERS)


def _from(form: ModelForm, owner_id: str, access: AccessControl | None, *, created_at: int | None = None) -> Preset:
    moment = now()
    fields = {name: getattr(form, name) for name in ("id", "base_model_id", "name", "meta", "params", "is_active")}
    return Preset(**fields, access_control=access, user_id=owner_id, created_at=created_at or moment, updated_at=moment)


def _check_base(user: Identity, form: ModelForm, stored: Preset | None) -> None:
    """A preset answers by a connection's model. Changing such a model itself, for everybody, is an admin's."""
    if form.base_model_id is None:
        if not user.is_admin and (stored is None or stored.base_model_id is not None):
            raise Forbidden("Only an admin can change a model for everybody. Choose a base model for your own.")
        return
    if form.base_model_id == (stored.id if stored else form.id):
        raise Invalid("A model cannot be its own base. Choose another base model, or another id.")
    base = shared.preset(form.base_model_id, fresh=True)
    if base is not None and base.base_model_id is not None:
        raise Invalid(f"{form.base_model_id} has a base model itself. Choose that one: {base.base_model_id}.")
    if user.is_admin or (stored and stored.base_model_id == form.base_model_id):
        return
    if base is not None and not base.visible_to(user):
        raise Invalid(f"You may not use the model {form.base_model_id}. Choose another base model.")
    if stored and stored.user_id != user.id and any(one.role == "admin" for one in owners([stored.user_id]).values()):
        # People use it on the admin's word, also where its base is not for them.
        raise Forbidden("This model is an admin's: only admins give it another base model. Make a copy of your own.")


def _check_knowledge(user: Identity, form: ModelForm, stored: Preset | None) -> None:
    """What a preset answers from is read on its owner's behalf: nobody adds what they may not read themselves."""
    if not form.meta.knowledge:
        return
    from shared.grounding.attachments import attachments
    from shared.knowledge import access

    known = set(attachments(stored.meta.knowledge)) if stored else set()
    added = [each for each in attachments(form.meta.knowledge) if each not in known]
    missing = sum(not access.readable(user, each) for one in added for each in one.searched)
    if missing:
        raise Invalid(
            f"{missing} of the files or knowledge bases that this model is to answer from do not exist, or are not "
            "shared with you. Take them out."
        )


def _form(number: int, given: Mapping[str, Any], stored: Mapping[str, PresetItem]) -> ModelForm:
    """An imported preset as a form. Stock clients nest it in `info` where they export their list of models."""
    entry = given["info"] if isinstance(given.get("info"), dict) else given
    known = stored.get(str(entry.get("id")))
    before = known.preset().model_dump(include=set(ModelForm.model_fields)) if known else {"meta": {}, "params": {}}
    try:
        return ModelForm.model_validate({**before, **{k: v for k, v in entry.items() if k in ModelForm.model_fields}})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        named = entry.get("id") or f"number {number}"
        raise Invalid(f"Nothing was imported: model {named} is not right, {place}: {first['msg']}.") from error


def _write(user: Identity, forms: Iterable[ModelForm], stored: Mapping[str, PresetItem]) -> None:
    prepared = []
    for form in forms:
        item = stored.get(form.id)
        before = item.preset() if item else None
        _check_base(user, form, before)
        preset = _from(
            form,
            before.user_id if before else user.id,
            form.access_control,
            created_at=before.created_at if before else None,
        )
        _check_size(preset.model_copy(update={"meta": preset.meta.model_copy(update={"profile_image_url": None})}))
        prepared.append((item or PresetItem.of(preset), preset, before))
    for item, preset, before in prepared:
        _store(item, preset, before=before)


def _store(item: PresetItem, preset: Preset, *, before: Preset | None = None) -> None:
    """Writes a preset: first its icon, then the item, last the old icon goes."""
    preset.meta.profile_image_url = icons.keep(preset.id, preset.meta.profile_image_url)
    _check_size(preset)
    item.take(preset)
    if not written(item.save):
        raise Conflict(_CHANGED)
    if before is not None:
        icons.drop(preset.id, before.meta.profile_image_url, keeping=preset.meta.profile_image_url)
    shared.forget()


def _check_size(preset: Preset) -> None:
    size = len(json.dumps(preset.model_dump(mode="json")))
    if size > LARGEST:
        raise TooLarge(
            f"The model {preset.id} has {size // 1000} KB, and {LARGEST // 1000} KB is the most. "
            "Shorten its system prompt, or put texts into knowledge."
        )


def _remove(item: PresetItem) -> None:
    preset = item.preset()
    if not written(item.delete):
        raise Conflict(_CHANGED)
    icons.drop(preset.id, preset.meta.profile_image_url)
    shared.forget()


def _items() -> list[PresetItem]:
    return list(PresetItem.query(shared.PRESETS, PresetItem.sk.startswith(shared.PREFIX), consistent_read=True))


def _find(preset_id: str) -> PresetItem | None:
    try:
        return PresetItem.get(*PresetItem.key(preset_id), consistent_read=True)
    except PresetItem.DoesNotExist:
        return None


def _readable(user: Identity, preset_id: str) -> PresetItem:
    item = _find(preset_id)
    if item is None:
        raise NotFound(NO_PRESET)
    preset = item.preset()
    if not may_read(user, preset.user_id, preset.access_control):
        raise NotFound(NO_PRESET)
    return item


def _writable(user: Identity, preset_id: str) -> PresetItem:
    item = _readable(user, preset_id)
    preset = item.preset()
    if not may_write(user, preset.user_id, preset.access_control):
        raise Forbidden("You may use this model, not change it. Ask its owner, or make a copy of your own.")
    return item
