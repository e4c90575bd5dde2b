"""Requests and answers of the platform routes, in the contract's shape."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from shared.identity.permissions import UserPermissions
from shared.interface import Banner, PromptSuggestion


class Features(BaseModel):
    """What this server offers. The fields after `enable_version_update_check` come after sign-in only."""

    auth: bool = True
    auth_trusted_header: bool = False
    enable_signup_password_confirmation: bool = False
    enable_ldap: bool = False
    enable_api_key: bool
    enable_signup: bool
    enable_login_form: bool = True
    enable_websocket: bool = True
    enable_version_update_check: bool = False
    enable_direct_connections: bool | None = None
    enable_channels: bool | None = None
    enable_notes: bool | None = None
    enable_web_search: bool | None = None
    enable_code_execution: bool | None = None
    enable_code_interpreter: bool | None = None
    enable_image_generation: bool | None = None
    enable_autocomplete_generation: bool | None = None
    enable_community_sharing: bool | None = None
    enable_public_shares: bool | None = None  # ours: shared chats open without an account
    enable_message_rating: bool | None = None
    enable_user_webhooks: bool | None = None
    enable_admin_export: bool | None = None
    enable_admin_chat_access: bool | None = None
    enable_google_drive_integration: bool | None = None
    enable_onedrive_integration: bool | None = None


class OAuth(BaseModel):
    """Identity providers by id: none."""

    providers: dict[str, str] = Field(default_factory=dict)


class Code(BaseModel):
    """Where code runs."""

    engine: str


class TextToSpeech(BaseModel):
    """How answers are read out; an empty engine is the browser's own."""

    engine: str = ""
    voice: str = ""
    split_on: str = "punctuation"


class SpeechToText(BaseModel):
    """How speech is written down; "web" is the browser's own."""

    engine: str = "web"


class Audio(BaseModel):
    """Speech in and out."""

    tts: TextToSpeech = Field(default_factory=TextToSpeech)
    stt: SpeechToText = Field(default_factory=SpeechToText)


class ImageCompression(BaseModel):
    """To how many pixels clients shrink images; null: not at all."""

    width: int | None = None
    height: int | None = None


class FileLimits(BaseModel):
    """Limits on uploads: `max_size` in MB, `max_count` per message; null: none."""

    max_size: int | None = None
    max_count: int | None = None
    image_compression: ImageCompression = Field(default_factory=ImageCompression)


class InterfaceTexts(BaseModel):
    """Texts an admin wrote."""

    pending_user_overlay_title: str | None = None
    pending_user_overlay_content: str | None = None
    response_watermark: str | None = None


class ClientConfig(BaseModel):
    """What a client needs to start. Before sign-in and while pending most fields are absent."""

    onboarding: bool | None = Field(default=None, description="True when nobody has an account yet; otherwise absent.")
    status: bool = True
    name: str
    version: str
    default_locale: str = ""
    oauth: OAuth = Field(default_factory=OAuth)
    features: Features
    default_models: str | None = None
    default_prompt_suggestions: list[PromptSuggestion] | None = None
    banners: list[Banner] | None = Field(default=None, description="Ours: as /api/v1/configs/banners has them.")
    user_count: int | None = Field(default=None, description="For admins only.")
    code: Code | None = None
    audio: Audio | None = None
    file: FileLimits | None = None
    permissions: UserPermissions | None = None
    ui: InterfaceTexts | None = None


class Status(BaseModel):
    """All is well."""

    status: bool = True


class Version(BaseModel):
    """The version that runs."""

    version: str


class VersionUpdates(BaseModel):
    """The version that runs, twice: this server asks nobody about newer ones."""

    current: str
    latest: str


class Change(BaseModel):
    """One change of a release."""

    title: str
    content: str
    raw: str = Field(description="Both as one HTML list item.")


class Release(BaseModel):
    """What a release brought, by kind; a kind of which there is nothing is absent."""

    date: str
    added: list[Change] | None = None
    fixed: list[Change] | None = None
    changed: list[Change] | None = None
    removed: list[Change] | None = None


class Usage(BaseModel):
    """Models answering now, and who is online."""

    model_ids: list[str]
    user_ids: list[str]


class Url(BaseModel):
    """An address, or an empty text for none."""

    url: str = Field(max_length=2000)


class Icon(BaseModel):
    """An icon of the installed app."""

    src: str
    type: str
    sizes: str
    purpose: str


class ShareTarget(BaseModel):
    """Where shared text goes."""

    action: str = "/"
    method: str = "GET"
    params: dict[str, str] = Field(default_factory=lambda: {"text": "shared"})


class Manifest(BaseModel):
    """The web app manifest (https://www.w3.org/TR/appmanifest/)."""

    name: str
    short_name: str
    description: str
    start_url: str = "/"
    display: str = "standalone"
    background_color: str
    theme_color: str
    icons: list[Icon]
    share_target: ShareTarget = Field(default_factory=ShareTarget)


class ConnectionsConfigForm(BaseModel):
    """Whether people may connect models of their own, and whether the list of models is kept."""

    ENABLE_DIRECT_CONNECTIONS: bool
    ENABLE_BASE_MODELS_CACHE: bool


class ModelsConfigForm(BaseModel):
    """Models a new chat starts with (ids, comma-separated) and the order of the list."""

    DEFAULT_MODELS: str | None
    MODEL_ORDER_LIST: list[str] | None


class SuggestionsForm(BaseModel):
    """Suggestions that an empty chat shows."""

    suggestions: list[PromptSuggestion] = Field(max_length=200)


class BannersForm(BaseModel):
    """Banners that everybody sees."""

    banners: list[Banner] = Field(max_length=100)


class ImportForm(BaseModel):
    """Settings by section, as `export` gives them."""

    model_config = ConfigDict(extra="forbid")

    config: dict[str, Any]
