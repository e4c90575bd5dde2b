"""What clients show everybody: default models and their order, suggestions, banners; and where notices go."""

from typing import ClassVar

from pydantic import Field

from shared.deferred import Deferred
from shared.sections import Section


class PromptSuggestion(Deferred):
    """A prompt that an empty chat offers; `title` is a heading and a line below it."""

    title: list[str] = Field(max_length=10)
    content: str = Field(max_length=10_000)


class Banner(Deferred):
    """A notice above every chat; `type` is info, success, warning or error."""

    id: str
    type: str
    title: str | None = None
    content: str = Field(max_length=10_000)
    dismissible: bool
    timestamp: int


SUGGESTIONS = [
    PromptSuggestion(
        title=["Explain it simply", "a topic from your field"],
        content="Explain how a hash table works to somebody who has never programmed. Use one everyday comparison.",
    ),
    PromptSuggestion(
        title=["Draft a message", "to a colleague"],
        content="Draft a short, friendly message that asks a colleague for an update without sounding impatient.",
    ),
    PromptSuggestion(
        title=["Review some code", "and say what could break"],
        content="Review the code I paste next. List what could break, worst first, with a fix for each.",
    ),
    PromptSuggestion(
        title=["Plan a weekend", "within a budget"],
        content="Plan a weekend for two in a city I name next. Ask me what you need to know.",
    ),
]


class InterfaceSection(Section):
    """Section `interface`."""

    section: ClassVar[str] = "interface"

    default_models: str | None = None
    model_order_list: list[str] = Field(default_factory=list)
    prompt_suggestions: list[PromptSuggestion] = Field(default_factory=lambda: list(SUGGESTIONS))
    banners: list[Banner] = Field(default_factory=list)
    enable_direct_connections: bool = False
    enable_base_models_cache: bool = False
    enable_admin_export: bool = True


class WebhookSection(Section):
    """Section `webhook`: where the server reports sign-ups and the like; empty: nowhere."""

    section: ClassVar[str] = "webhook"

    url: str = ""
