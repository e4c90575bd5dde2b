"""Settings of accounts that an admin changes (contract: /api/v1/auths/admin/config)."""

import re
from typing import ClassVar

from shared.errors import Invalid
from shared.sections import Section

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
LONGEST_SECONDS = 100 * 365 * 86400


class AuthSection(Section):
    """Section `auth`; fields are the contract's, in lower case, beside `enable_public_shares`
    and `default_locale`."""

    section: ClassVar[str] = "auth"

    show_admin_details: bool = True
    webui_url: str = ""
    enable_signup: bool = True
    enable_api_key: bool = True
    enable_api_key_endpoint_restrictions: bool = False
    api_key_allowed_endpoints: str = ""
    default_user_role: str = "pending"
    jwt_expires_in: str = "4w"
    enable_community_sharing: bool = False
    enable_public_shares: bool = False
    default_locale: str = ""
    enable_message_rating: bool = True
    enable_channels: bool = False
    enable_notes: bool = False
    enable_user_webhooks: bool = False
    pending_user_overlay_title: str | None = None
    pending_user_overlay_content: str | None = None
    response_watermark: str | None = None


def lifetime_seconds(duration: str) -> int | None:
    """Seconds of a duration such as "4w", "1h30m" or "-1" (None: no end); raises `Invalid`."""
    if duration in ("-1", "0"):
        return None
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w)", duration)
    if not parts or "".join(number + unit for number, unit in parts) != duration:
        raise Invalid('Give a duration such as "30m", "12h", "4w", or "-1" for no end.')
    seconds = sum(float(number) * _UNITS[unit] for number, unit in parts)
    if not 1 <= seconds <= LONGEST_SECONDS:
        raise Invalid('A session lasts one second at least and 100 years at most. Give "-1" for no end.')
    return int(seconds)
