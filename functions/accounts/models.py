"""Requests and answers of the accounts routes, in the contract's shape."""

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from shared.identity.permissions import UserPermissions

DEFAULT_IMAGE = "/user.png"


class Token(BaseModel):
    """A session token for the `Authorization: Bearer` header."""

    token: str
    token_type: str = "Bearer"  # noqa: S105 - the scheme's name


class Person(BaseModel):
    """Somebody with an account."""

    id: str
    email: str
    name: str
    role: str
    profile_image_url: str


class SignedIn(Token, Person):
    """A new account and a session of it."""


class Session(SignedIn):
    """Who is signed in, until when (epoch seconds; null: no end), and what they may do."""

    expires_at: int | None = None
    permissions: UserPermissions | None = None


class SessionInfo(Session):
    """The session, with the rest of the profile."""

    bio: str | None = None
    gender: str | None = None
    date_of_birth: date | None = None


class SignInForm(BaseModel):
    """E-mail address and password."""

    email: str
    password: str


class SignUpForm(SignInForm):
    """A new account."""

    name: str
    profile_image_url: str | None = DEFAULT_IMAGE


class AddUserForm(SignUpForm):
    """A new account that an admin makes."""

    role: str | None = "pending"


class ProfileForm(BaseModel):
    """A person's profile, whole: a field left out is emptied."""

    profile_image_url: str
    name: str
    bio: str | None = None
    gender: str | None = None
    date_of_birth: date | None = None


class PasswordForm(BaseModel):
    """The present password and the next one."""

    password: str
    new_password: str


class ApiKey(BaseModel):
    """The API key: whole when it was just made, masked afterwards, since the server keeps only its hash."""

    api_key: str | None = None


class SignedOut(BaseModel):
    """The session is over."""

    status: bool = True


class AdminDetails(BaseModel):
    """Whom to ask for access."""

    name: str | None
    email: str | None


class AdminConfig(BaseModel):
    """Settings of accounts."""

    SHOW_ADMIN_DETAILS: bool
    WEBUI_URL: str = Field(max_length=2000)
    ENABLE_SIGNUP: bool
    ENABLE_API_KEY: bool
    ENABLE_API_KEY_ENDPOINT_RESTRICTIONS: bool
    API_KEY_ALLOWED_ENDPOINTS: str = Field(max_length=10_000)
    DEFAULT_USER_ROLE: str
    JWT_EXPIRES_IN: str = Field(max_length=100)
    ENABLE_COMMUNITY_SHARING: bool
    ENABLE_MESSAGE_RATING: bool
    ENABLE_CHANNELS: bool
    ENABLE_NOTES: bool
    ENABLE_USER_WEBHOOKS: bool
    PENDING_USER_OVERLAY_TITLE: str | None = Field(default=None, max_length=1000)
    PENDING_USER_OVERLAY_CONTENT: str | None = Field(default=None, max_length=20_000)
    RESPONSE_WATERMARK: str | None = Field(default=None, max_length=2000)
    ENABLE_PUBLIC_SHARES: bool = Field(
        default=False, description="Ours: links to shared chats open without signing in. Left out: it stays as it is."
    )
    DEFAULT_LOCALE: str = Field(
        default="",
        max_length=35,
        pattern=r"^([A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*)?$",
        description='Ours: the language, such as "de" or "de-DE", of those who chose none and whose browser names none '
        "that the app speaks. Empty: English. Left out: it stays as it is.",
    )


class UserSettings(BaseModel):
    """A person's settings, as the client keeps them; `ui` is replaced whole, keys beside it stay."""

    model_config = ConfigDict(extra="allow")

    ui: dict[str, Any] | None = Field(default_factory=dict)


class UserModel(BaseModel):
    """Everything about somebody that an admin may see. Times are epoch seconds."""

    id: str
    name: str
    email: str
    username: str | None = None
    role: str = "pending"
    profile_image_url: str
    bio: str | None = None
    gender: str | None = None
    date_of_birth: date | None = None
    info: dict[str, Any] | None = None
    settings: UserSettings | None = None
    api_key: str | None = None
    oauth_sub: str | None = None
    last_active_at: int
    updated_at: int
    created_at: int


class UserListResponse(BaseModel):
    """A page of people, without `info` and `settings`, and how many there are (with a query: how many match)."""

    users: list[UserModel]
    total: int


class UserInfo(BaseModel):
    """Somebody, in short."""

    id: str
    name: str
    email: str
    role: str


class UserInfoListResponse(BaseModel):
    """Everybody, in short."""

    users: list[UserInfo]
    total: int


class UserIdName(BaseModel):
    """Somebody's id and name."""

    id: str
    name: str


class UserIdNameListResponse(BaseModel):
    """People found by a query, the first 30, and how many match."""

    users: list[UserIdName]
    total: int


class UserUpdateForm(BaseModel):
    """What an admin changes; without `password` it stays."""

    role: str
    name: str
    email: str
    profile_image_url: str
    password: str | None = None


class UserCard(BaseModel):
    """What anybody may know of somebody."""

    name: str
    profile_image_url: str
    active: bool | None = None


class Activity(BaseModel):
    """Whether somebody is online."""

    active: bool


class ActiveUsers(BaseModel):
    """Who is online."""

    user_ids: list[str]
