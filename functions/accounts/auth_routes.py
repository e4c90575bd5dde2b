"""Routes of /api/v1/auths: signing in and out, one's own profile, API keys, settings of accounts."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from functions.accounts import admin_config, api_keys, profile, sign_in
from functions.accounts.activity import note_activity
from functions.accounts.cookies import clear_token, refuse_embedded, set_token
from functions.accounts.models import (
    AddUserForm,
    AdminConfig,
    AdminDetails,
    ApiKey,
    PasswordForm,
    Person,
    ProfileForm,
    Session,
    SessionInfo,
    SignedIn,
    SignedOut,
    SignInForm,
    SignUpForm,
)
from functions.accounts.views import person, session, session_info, signed_in
from shared.identity.dependencies import AdminUser, CurrentUser, OptionalUser, VerifiedUser, same_origin
from shared.web import viewer

router = APIRouter(prefix="/api/v1/auths", tags=["auths"], dependencies=[Depends(note_activity)])
"""What anybody may call checks the origin itself; `CurrentUser` does it for the rest."""
SameOrigin = Annotated[None, Depends(same_origin)]


@router.get("/")
def get_session(request: Request, response: Response, identity: CurrentUser) -> SessionInfo:
    """Who is signed in; refreshes the cookie."""
    set_token(request, response, identity)
    return session_info(identity)


@router.post("/signup")
def sign_up(request: Request, response: Response, form: SignUpForm, _: SameOrigin) -> Session:
    """Makes an account and signs in. The first account becomes admin."""
    identity = sign_in.sign_up(form, sign_in.client_of(request))
    set_token(request, response, identity)
    return session(identity)


@router.post("/signin")
def sign_in_route(request: Request, response: Response, form: SignInForm, _: SameOrigin) -> Session:
    """Signs in with e-mail address and password."""
    identity = sign_in.sign_in(form, sign_in.client_of(request))
    set_token(request, response, identity)
    return session(identity)


@router.get("/signout", dependencies=[Depends(refuse_embedded)])
def sign_out(request: Request, response: Response, identity: OptionalUser) -> SignedOut:
    """Ends the session at once and clears the cookie; nobody signed in is no error."""
    if identity:
        sign_in.sign_out(identity)
    clear_token(request, response)
    return SignedOut()


@router.post("/signout/all", tags=["cirrus"])
def sign_out_everywhere(request: Request, response: Response, identity: CurrentUser) -> SignedOut:
    """Ends every session of this person at once, this one too; API keys stay."""
    sign_in.sign_out_everywhere(identity)
    clear_token(request, response)
    return SignedOut()


@router.post("/update/profile")
def update_profile(form: ProfileForm, identity: VerifiedUser) -> Person:
    """Changes one's own profile."""
    return person(profile.update(identity.id, form))


@router.post("/update/password")
def update_password(request: Request, form: PasswordForm, identity: CurrentUser) -> bool:
    """Changes one's own password; every other session ends at once."""
    sign_in.change_own_password(identity, form, viewer(request).address)
    return True


@router.post("/add")
def add_user(form: AddUserForm, _: AdminUser) -> SignedIn:
    """Makes an account for somebody; the token is a session of theirs."""
    return signed_in(sign_in.add_user(form))


@router.get("/admin/details")
def get_admin_details(_: CurrentUser) -> AdminDetails:
    """Whom to ask for access, where the admin lets people know."""
    return admin_config.details()


@router.get("/admin/config")
def get_admin_config(_: AdminUser) -> AdminConfig:
    """Settings of accounts."""
    return admin_config.get()


@router.post("/admin/config")
def update_admin_config(form: AdminConfig, _: AdminUser) -> AdminConfig:
    """Changes the settings of accounts."""
    return admin_config.update(form)


@router.post("/api_key")
def create_api_key(identity: CurrentUser) -> ApiKey:
    """Makes an API key in place of the one before; this answer is the only one that shows it whole."""
    return ApiKey(api_key=api_keys.create(identity.id))


@router.get("/api_key")
def get_api_key(identity: CurrentUser) -> ApiKey:
    """The API key, masked; 404 when there is none."""
    return ApiKey(api_key=api_keys.masked(identity.id))


@router.delete("/api_key")
def delete_api_key(identity: CurrentUser) -> bool:
    """Deletes the API key: it is refused at once."""
    api_keys.delete(identity.id)
    return True
