"""Routes of the platform: the configuration of clients, versions, health, usage, the app's manifest."""

from fastapi import APIRouter

from functions.platform import client_config, health
from functions.platform.changelog import RELEASES
from functions.platform.manifest import MANIFEST
from functions.platform.models import ClientConfig, Manifest, Release, Status, Url, Usage, Version, VersionUpdates
from functions.platform.webhook import set_webhook
from shared.identity.dependencies import AdminUser, OptionalUser, VerifiedUser
from shared.interface import WebhookSection
from shared.realtime import presence
from shared.sections import load
from shared.version import VERSION

router = APIRouter(tags=["main"])


@router.get("/api/config", response_model_exclude_none=True)
def get_config(identity: OptionalUser) -> ClientConfig:
    """What a client needs to start: little before sign-in, the rest after it."""
    return client_config.for_person(identity)


@router.get("/api/version")
def get_version() -> Version:
    """The version that runs."""
    return Version(version=VERSION)


@router.get("/api/version/updates")
def get_version_updates(_: VerifiedUser) -> VersionUpdates:
    """Whether there is a newer version: always no, this server asks nobody."""
    return VersionUpdates(current=VERSION, latest=VERSION)


@router.get("/api/changelog", response_model_exclude_none=True)
def get_changelog() -> dict[str, Release]:
    """What the last five releases brought, newest first."""
    return dict(list(RELEASES.items())[:5])


@router.get("/api/usage")
def get_usage(_: VerifiedUser) -> Usage:
    """Models answering now, and who is online."""
    return Usage(model_ids=presence.models_in_use(), user_ids=presence.active_user_ids())


@router.get("/api/webhook")
def get_webhook(_: AdminUser) -> Url:
    """Where the server sends its notices."""
    return Url(url=load(WebhookSection).url)


@router.post("/api/webhook")
def update_webhook(form: Url, _: AdminUser) -> Url:
    """Changes where the server sends its notices; an empty address stops them."""
    return Url(url=set_webhook(form.url))


@router.get("/health")
def get_health() -> Status:
    """This function answers."""
    return Status()


@router.get("/health/db")
def get_database_health() -> Status:
    """This function reaches its tables; 503 otherwise."""
    health.check_tables()
    return Status()


@router.get("/manifest.json")
def get_manifest() -> Manifest:
    """The web app manifest."""
    return MANIFEST
