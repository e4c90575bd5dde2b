"""Settings of accounts in the contract's upper case."""

from functions.accounts import checks
from functions.accounts.models import AdminConfig, AdminDetails
from functions.accounts.store import get_user
from shared import sections
from shared.addresses import of_the_web
from shared.errors import Invalid
from shared.identity.config import AuthSection, lifetime_seconds
from shared.identity.instance import first_admin_id


def get() -> AdminConfig:
    """The settings as stored now."""
    return _shown(sections.load(AuthSection, fresh=True))


def update(form: AdminConfig) -> AdminConfig:
    """Checks and stores the settings; raises `Invalid`."""
    checks.role(form.DEFAULT_USER_ROLE)
    lifetime_seconds(form.JWT_EXPIRES_IN)
    if form.WEBUI_URL and not of_the_web(form.WEBUI_URL):
        raise Invalid("Give this site's full address, such as https://chat.example.com, or leave it empty.")
    kept = {"ENABLE_PUBLIC_SHARES", "DEFAULT_LOCALE"} - form.model_fields_set  # clients of the contract know neither
    values = {name.lower(): value for name, value in form.model_dump(exclude=kept).items()}
    return _shown(sections.update(AuthSection, lambda section: section.model_copy(update=values)))


def details() -> AdminDetails:
    """Name and address of the first admin; raises `Invalid` where people shall not know."""
    if not sections.load(AuthSection).show_admin_details:
        raise Invalid("The admin of this server is not shown. Ask whoever told you about it.")
    user_id = first_admin_id()
    if user_id is None:
        return AdminDetails(name=None, email=None)
    admin = get_user(user_id)
    return AdminDetails(name=admin.name, email=admin.email)


def _shown(section: AuthSection) -> AdminConfig:
    return AdminConfig.model_validate({name.upper(): value for name, value in section.model_dump().items()})
