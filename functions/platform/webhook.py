"""Where the server sends its notices."""

from shared.errors import Invalid
from shared.guarded import parts_of
from shared.interface import WebhookSection
from shared.sections import update


def set_webhook(url: str) -> str:
    """Stores the address, which must be http(s) or empty; raises `Invalid`."""
    url, parts = url.strip(), parts_of(url)
    if url and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise Invalid("Give a full address such as https://example.com/hook, or leave it empty.")
    return update(WebhookSection, lambda section: section.model_copy(update={"url": url})).url
