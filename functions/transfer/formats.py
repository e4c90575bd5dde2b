"""The formats that can be imported; a file may mix them."""

from typing import Any

from functions.transfer import chatgpt, open_webui
from functions.transfer.incoming import Incoming
from shared.errors import Invalid

UNKNOWN = "It is neither a chat of Open WebUI nor a conversation of ChatGPT."


def convert(value: dict[str, Any]) -> tuple[str, Incoming]:
    """The name of the format, and the chat. Raises `Invalid` with the reason why it is none."""
    for form in (chatgpt, open_webui):
        if form.recognises(value):
            return form.NAME, form.convert(value)
    raise Invalid(UNKNOWN)
