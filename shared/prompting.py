"""What an answer is asked with: system prompts and parameters of all levels in one order, and variables in prompts.

The levels, from the general to the particular:

1. instance: what an admin sets for all models (section `generation`);
2. model: the `params` of the preset, or of an admin's changes to a connection's model;
3. folder: `system_prompt` and `params` in the `data` of the folder that the chat is in;
4. chat: the `params` stored with the chat;
5. request: `params` of the request, then OpenAI's own fields in it.

Of a parameter, and of each of the `custom_params`, the most particular level that gives it counts. The system prompts
of instance, model and folder are all said, in this order; then one of the conversation: the system message that the
client sent, otherwise `system` of the request, otherwise of the chat.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo

from pydantic import Field

from shared import json_input
from shared.errors import Invalid
from shared.sections import Section

if TYPE_CHECKING:
    from shared.identity.models import UserItem

Json = dict[str, Any]

# What people set that OpenAI's API takes too, and how it wants it.
COMMON = {
    "temperature": float,
    "top_p": float,
    "min_p": float,
    "max_tokens": int,
    "frequency_penalty": float,
    "presence_penalty": float,
    "reasoning_effort": str,
    "seed": None,
    "response_format": None,
    "logit_bias": None,
}
# What only servers of open models know, by Ollama's names.
OPEN_MODELS = (
    "format",
    "keep_alive",
    "mirostat",
    "mirostat_eta",
    "mirostat_tau",
    "num_batch",
    "num_ctx",
    "num_gpu",
    "num_keep",
    "num_predict",
    "num_thread",
    "repeat_last_n",
    "repeat_penalty",
    "tfs_z",
    "think",
    "top_k",
    "use_mlock",
    "use_mmap",
)
_VARIABLE = re.compile(r"\{\{[A-Z_]{1,40}\}\}")
_ESCAPES = {r"\n": "\n", r"\t": "\t", r"\r": "\r"}
UNKNOWN = "Unknown"
LONGEST_VALUE = 2000


class GenerationSection(Section):
    """Section `generation`: the level of the instance, and what happens when a conversation grows too long."""

    section: ClassVar[str] = "generation"

    system: str = Field("", max_length=100_000)
    params: dict[str, Any] = Field(default_factory=dict)
    summarise_long_conversations: bool = True
    context_length: int = Field(0, ge=0)
    """Tokens a model takes when neither its parameters nor its provider say; 0: unknown."""

    def level(self) -> Json:
        """The level of the instance."""
        return {**self.params, "system": self.system}


@dataclass(frozen=True)
class Settings:
    """What all levels together say: system prompts in order, and parameters without them."""

    system: tuple[str, ...] = ()
    own_system: str = ""
    """The conversation's own, for when its messages have none."""
    params: Json = field(default_factory=dict)


def params_in(fields: Mapping[str, Any] | None) -> Json:
    """The `params` in what a client stored with a chat or a folder; empty when they are none."""
    found = (fields or {}).get("params")
    return found if isinstance(found, dict) else {}


def combined(general: Iterable[Mapping[str, Any]], own: Iterable[Mapping[str, Any]]) -> Settings:
    """The settings of all levels: `general` up to the folder, `own` of the chat and the request."""
    general, own = list(general), list(own)
    params: Json = {}
    custom: Json = {}
    for level in (*general, *own):
        params |= {name: value for name, value in level.items() if value is not None and name != "system"}
        custom |= _custom(level.get("custom_params"))
    if custom:
        params["custom_params"] = custom
    said = tuple(text for level in general if (text := _text(level.get("system"))))
    return Settings(said, next((text for level in reversed(own) if (text := _text(level.get("system")))), ""), params)


def with_system(messages: list[Json], settings: Settings, variables: Mapping[str, str]) -> list[Json]:
    """The messages with the system prompts of all levels as one in front, variables in it filled in."""
    first = messages[0] if messages and messages[0].get("role") in ("system", "developer") else None
    given = first.get("content") if first else settings.own_system
    rest = messages[1:] if first else messages
    rest = [{**each, "content": filled(each.get("content"), variables)} if _says(each) else each for each in rest]
    if not isinstance(given, str):  # in parts
        prompts = list(settings.system)
        rest = [first, *rest] if first else rest
    else:
        prompts = [*settings.system, given]
    whole = "\n\n".join(text.strip() for text in prompts if text.strip())
    role = first["role"] if first else "system"
    return [{"role": role, "content": filled(whole, variables)}, *rest] if whole else rest


def upstream(body: Mapping[str, Any], params: Mapping[str, Any], *, open_model: bool = False) -> Json:
    """The fields of a provider's body for parameters, and for what the request itself gives, which counts more.

    `open_model`: the server takes parameters that OpenAI does not know.
    """
    result: Json = {}
    for name, cast in COMMON.items():
        if params.get(name) is not None:
            result[name] = _cast(params[name], cast)
    if stops := _stops(params.get("stop")):
        result["stop"] = stops
    if open_model:
        result |= {name: params[name] for name in OPEN_MODELS if params.get(name) is not None}
    return {**result, **_custom(params.get("custom_params")), **body}


def filled(text: Any, variables: Mapping[str, str]) -> Any:
    """A prompt with the variables in it replaced; those nobody knows stay. What is no text stays as it is."""
    if not isinstance(text, str) or "{{" not in text:
        return text
    return _VARIABLE.sub(lambda found: variables.get(found[0], found[0]), text)


def variables_of(user: "UserItem", given: object, moment: datetime | None = None) -> dict[str, str]:
    """The variables of prompts: what the client knows (its clock, place and language), the rest from the account."""
    mine = _given(given)
    local = (moment or datetime.now(UTC)).astimezone(_zone(mine.get("{{CURRENT_TIMEZONE}}")))
    info, day = user.info or {}, local.strftime("%Y-%m-%d")
    clock = local.strftime("%I:%M:%S %p")
    interface = (user.settings or {}).get("ui") or {}
    account = {
        "USER_NAME": user.name,
        "USER_EMAIL": user.email,
        "USER_BIO": user.bio,
        "USER_GENDER": user.gender,
        "USER_BIRTH_DATE": user.date_of_birth,
        "USER_AGE": _age(user.date_of_birth, local.date()),
        "USER_LOCATION": info.get("location"),
        "USER_LANGUAGE": interface.get("language"),
        "CURRENT_DATE": day,
        "CURRENT_TIME": clock,
        "CURRENT_DATETIME": f"{day} {clock}",
        "CURRENT_WEEKDAY": local.strftime("%A"),
        "CURRENT_TIMEZONE": str(local.tzinfo),
    }
    known = {f"{{{{{name}}}}}": str(value)[:LONGEST_VALUE] if value else UNKNOWN for name, value in account.items()}
    return known | mine


def _given(variables: object) -> dict[str, str]:
    if not isinstance(variables, dict):
        return {}
    found = {name: value for name, value in variables.items() if isinstance(name, str) and _VARIABLE.fullmatch(name)}
    return {
        name: str(value)[:LONGEST_VALUE]
        for name, value in found.items()
        if isinstance(value, str | int | float) and value not in ("", UNKNOWN)
    }


def _zone(name: str | None) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (OSError, ValueError, LookupError):  # not a zone, or one this machine does not know
        return ZoneInfo("UTC")


def _age(born: str | None, today: date) -> int | None:
    try:
        day = date.fromisoformat(born or "")
    except ValueError:
        return None
    return today.year - day.year - ((today.month, today.day) < (day.month, day.day))


def _custom(given: object) -> Json:
    """The custom parameters; a text that is JSON stands for what it says."""
    if not isinstance(given, dict):
        return {}
    return {name: _parsed(value) for name, value in given.items() if value is not None}


def _parsed(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json_input.read(value)
    except Invalid:
        return value


def _cast(value: Any, to: type | None) -> Any:
    if to is None or isinstance(value, bool):
        return value
    try:
        return to(value)
    except (TypeError, ValueError, OverflowError):  # the provider says what is wrong with it
        return value


def _stops(given: object) -> list[str]:
    listed = given if isinstance(given, list) else [given]
    return [_unescaped(text) for text in listed if isinstance(text, str) and text]


def _unescaped(text: str) -> str:
    """A stop sequence as typed into a line: `\\n` means a line feed."""
    for written, meant in _ESCAPES.items():
        text = text.replace(written, meant)
    return text


def _says(message: Json) -> bool:
    return message.get("role") in ("system", "developer")


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
