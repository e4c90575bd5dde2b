"""Export and import of all settings. Secrets leave this server in no form, sealed or not."""

import re
from typing import Any

from pydantic import ValidationError

from shared.errors import Invalid
from shared.evaluations import EvaluationsSection
from shared.identity.config import AuthSection, lifetime_seconds
from shared.identity.permissions import PermissionsSection
from shared.interface import InterfaceSection, WebhookSection
from shared.prompting import GenerationSection
from shared.retrieval.settings import SECRETS, WEB_SECRETS
from shared.sections import Section, SectionItem, update
from shared.tasks.section import TasksSection

IMPORTED: tuple[type[Section], ...] = (
    AuthSection,
    PermissionsSection,
    InterfaceSection,
    WebhookSection,
    EvaluationsSection,
    GenerationSection,
    TasksSection,
)
"""What `import` takes over. Connections to model providers and the settings of retrieval are not among them: a key,
also a sealed one, opens only on the server that sealed it and leaves none, and one that is here already must not come
to go to the address of another server. An admin enters them anew."""
HIDDEN = "(hidden)"
_SECRET = re.compile(r"(^|_)(keys?|secrets?|passwords?|tokens?|headers|authorization|credentials?)$", re.IGNORECASE)
_SECRET_IN_URL = re.compile(r"//[^/@\s]*@")


def export_sections() -> dict[str, Any]:
    """All sections: what was never changed with its defaults, secrets as `HIDDEN`."""
    sections: dict[str, Any] = {model.section: model().model_dump(mode="json") for model in IMPORTED}
    for item in SectionItem.query("SETTINGS", consistent_read=True):
        sections[item.sk] = {**sections.get(item.sk, {}), **item.data}
    return {name: _without_secrets(data) for name, data in sorted(sections.items())}


def import_sections(config: dict[str, Any]) -> dict[str, Any]:
    """Checks all sections given, then stores them; raises `Invalid` (and stores none) when one is not right."""
    known = {model.section: model for model in IMPORTED}
    wanted = [(known[name], _checked(known[name], data)) for name, data in config.items() if name in known]
    if not wanted:
        raise Invalid(f"There is nothing to import: none of {', '.join(sorted(known))} is in it.")
    for model, data in wanted:
        update(model, lambda section, data=data: section.model_validate({**section.model_dump(), **data}))  # type: ignore[misc]
    return export_sections()


def _checked(model: type[Section], data: Any) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise Invalid(f"Section {model.section} must be an object.")
    given = {name: value for name, value in data.items() if name in model.model_fields and not _hides(value)}
    try:
        section = model.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        raise Invalid(f"{model.section}.{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    if isinstance(section, AuthSection):
        lifetime_seconds(section.jwt_expires_in)
        if section.default_user_role not in ("pending", "user", "admin"):
            raise Invalid("auth.default_user_role must be pending, user or admin.")
    return given


def _hides(value: Any) -> bool:
    return isinstance(value, str) and (value == HIDDEN or f"//{HIDDEN}@" in value)


def _without_secrets(value: Any, name: str = "") -> Any:
    secret = _SECRET.search(name) or name in SECRETS or name in WEB_SECRETS
    if secret and value and not isinstance(value, bool | int | float):
        return HIDDEN
    if isinstance(value, dict):
        return {key: _without_secrets(part, key) for key, part in value.items()}
    if isinstance(value, list):
        return [_without_secrets(part) for part in value]
    return _SECRET_IN_URL.sub(f"//{HIDDEN}@", value) if isinstance(value, str) else value
