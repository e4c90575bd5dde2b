"""What a client is told, and nothing more: by whether somebody is signed in and may use the app."""

from functions.platform.manifest import NAME
from functions.platform.models import Audio, ClientConfig, Code, Features, FileLimits, ImageCompression, InterfaceTexts
from shared.identity.config import AuthSection
from shared.identity.instance import has_users, user_count
from shared.identity.permissions import permissions
from shared.identity.sessions import Identity
from shared.interface import InterfaceSection
from shared.retrieval.settings import RetrievalSettings, retrieval_settings
from shared.sections import load
from shared.tasks.section import TasksSection
from shared.version import VERSION


def for_person(identity: Identity | None) -> ClientConfig:
    """The configuration for a signed-in person, or for somebody about to sign in (None)."""
    auth = load(AuthSection)
    features = Features(enable_api_key=auth.enable_api_key, enable_signup=auth.enable_signup)
    config = ClientConfig(name=NAME, version=VERSION, default_locale=auth.default_locale, features=features)
    if identity is None:
        config.onboarding = None if has_users() else True
        return config
    interface, retrieval = load(InterfaceSection), retrieval_settings()
    config.features = _all_features(features, auth, interface, retrieval)
    config.ui = InterfaceTexts(
        pending_user_overlay_title=auth.pending_user_overlay_title,
        pending_user_overlay_content=auth.pending_user_overlay_content,
    )
    if identity.role == "pending":
        return config
    config.ui.response_watermark = auth.response_watermark
    config.default_models = interface.default_models
    config.default_prompt_suggestions = interface.prompt_suggestions
    config.banners = interface.banners
    config.code = Code(engine="pyodide")
    config.audio = Audio()
    config.file = _file_limits(retrieval)
    config.permissions = permissions()
    if identity.is_admin:
        config.user_count = user_count()
    return config


def _file_limits(retrieval: RetrievalSettings) -> FileLimits:
    return FileLimits(
        max_size=retrieval.largest_file // 1024**2,
        max_count=retrieval.file_max_count,
        image_compression=ImageCompression(
            width=retrieval.file_image_compression_width, height=retrieval.file_image_compression_height
        ),
    )


def _all_features(
    features: Features, auth: AuthSection, interface: InterfaceSection, retrieval: RetrievalSettings
) -> Features:
    return features.model_copy(
        update={
            "enable_direct_connections": interface.enable_direct_connections,
            "enable_channels": auth.enable_channels,
            "enable_notes": auth.enable_notes,
            "enable_web_search": retrieval.web.enable_web_search,
            "enable_code_execution": False,
            "enable_code_interpreter": False,
            "enable_image_generation": False,
            "enable_autocomplete_generation": load(TasksSection).enable_autocomplete_generation,
            "enable_community_sharing": auth.enable_community_sharing,
            "enable_public_shares": auth.enable_public_shares,
            "enable_message_rating": auth.enable_message_rating,
            "enable_user_webhooks": auth.enable_user_webhooks,
            "enable_admin_export": interface.enable_admin_export,
            "enable_admin_chat_access": True,
            "enable_google_drive_integration": False,
            "enable_onedrive_integration": False,
        }
    )
