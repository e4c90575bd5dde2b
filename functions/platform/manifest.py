"""The web app manifest that the API serves for clients of the contract."""

from functions.platform.models import Icon, Manifest

NAME = "Cirrus"

MANIFEST = Manifest(
    name=NAME,
    short_name=NAME,
    description="Your own AI chat, with no servers to run.",
    background_color="#0b0d12",
    theme_color="#0b0d12",
    icons=[Icon(src="/favicon.svg", type="image/svg+xml", sizes="any", purpose="any")],
)
