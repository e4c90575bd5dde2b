"""Routes of /api/v1/models/: model presets."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from functions.workspace import presets
from functions.workspace.models import ModelForm, ModelsImportForm, ModelUserResponse, SyncModelsForm
from shared import delivery
from shared.identity.dependencies import AdminUser, VerifiedUser
from shared.presets import Preset

router = APIRouter(prefix="/api/v1/models", tags=["models"], dependencies=[Depends(delivery.within_limit)])

# In the query, since ids have slashes.
Id = Annotated[str, Query(alias="id", min_length=1, max_length=256, description="The preset's id.")]


@router.get("/", response_model=list[ModelUserResponse], responses=delivery.REDIRECT)
def list_presets(
    request: Request,
    user: VerifiedUser,
    preset_id: Annotated[str | None, Query(alias="id", max_length=256, description="Only this one.")] = None,
) -> Response:
    """The presets that the caller may change; an admin's are all. What they may use is in /api/models."""
    return delivery.body(request, [one.model_dump(mode="json") for one in presets.listed(user, preset_id)])


@router.get("/base", response_model=list[Preset], responses=delivery.REDIRECT)
def list_changes_of_base_models(request: Request, _: AdminUser) -> Response:
    """What admins changed of the connections' own models: name, icon, parameters, access, whether they are on."""
    return delivery.body(request, [one.model_dump(mode="json") for one in presets.changes_of_base_models()])


@router.post("/create")
def create_preset(form: ModelForm, user: VerifiedUser) -> Preset | None:
    """Makes a preset; for a change of a connection's model itself, an admin leaves out `base_model_id`."""
    return presets.create(user, form)


@router.get("/export", response_model=list[Preset], responses=delivery.REDIRECT)
def export_presets(request: Request, _: AdminUser) -> Response:
    """All presets of everybody, with their icons."""
    return delivery.body(request, presets.exported())


@router.post("/import")
def import_presets(form: ModelsImportForm, user: AdminUser) -> bool:
    """Adds and replaces presets; all of them, or none when one is not right."""
    return presets.import_all(user, form.models)


@router.post("/sync", response_model=list[Preset])
def sync_presets(request: Request, form: SyncModelsForm, user: AdminUser) -> Response:
    """Makes these all the presets there are. Others are deleted."""
    return delivery.body(request, [one.model_dump(mode="json") for one in presets.sync(user, form.models)])


@router.get("/model")
def get_preset(user: VerifiedUser, preset_id: Id) -> Preset | None:
    """A preset."""
    return presets.get(user, preset_id)


@router.get(
    "/model/profile/image",
    response_class=Response,
    responses={
        200: {"content": {"image/*": {"schema": {"type": "string", "format": "binary"}}}},
        302: {"description": "The image is somewhere else."},
    },
)
def get_icon(
    user: VerifiedUser,
    preset_id: Id,
    v: Annotated[str | None, Query(max_length=64, description="Ours: names one icon, which never changes.")] = None,
) -> Response:
    """A model's icon; initials of its name where it has none."""
    return presets.icon(user, preset_id, for_good=v is not None)


@router.post("/model/toggle")
def toggle_preset(user: VerifiedUser, preset_id: Id) -> Preset | None:
    """Turns a preset on or off."""
    return presets.toggle(user, preset_id)


@router.post("/model/update")
def update_preset(form: ModelForm, user: VerifiedUser, preset_id: Id) -> Preset | None:
    """Replaces what a preset has; its id stays."""
    return presets.update(user, preset_id, form)


@router.delete("/model/delete")
def delete_preset(user: VerifiedUser, preset_id: Id) -> bool:
    """Deletes a preset."""
    return presets.delete(user, preset_id)


@router.delete("/delete/all")
def delete_all_presets(_: AdminUser) -> bool:
    """Deletes all presets of everybody."""
    return presets.delete_everything()
