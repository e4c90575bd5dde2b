"""Where the server sends its notices."""

from shared.addresses import of_the_web
from shared.errors import Invalid
from shared.interface import WebhookSection
from shared.sections import update


def set_webhook(url: str) -> str:
    """Stores the address, which must be http(s) or empty; raises `Invalid`."""
    url = url.strip()
    if url and not of_the_web(url):
        raise Invalid("Give a full address such as https://example.com/hook, or leave it empty.")
    return update(WebhookSection, lambda section: section.model_copy(update={"url": url})).url
