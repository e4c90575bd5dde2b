"""What models say when they do a task, read: JSON, broken JSON, JSON among other words. What is none is dropped."""

import json
import re
from typing import Any

from shared.tasks.section import Kind

LONGEST_TITLE = 80
LONGEST_TAG = 50
LONGEST_TEXT = 500
LONGEST_EMOJI_ANSWER = 100
MOST = 5
FIELDS: dict[Kind, str] = {
    "title": "title",
    "tags": "tags",
    "follow_up": "follow_ups",
    "queries": "queries",
    "image_prompt": "prompt",
    "auto": "text",
}
_LISTS: tuple[Kind, ...] = ("tags", "follow_up", "queries")
_REASONING = re.compile(r"<(think|thinking|reasoning)>.*?(</\1>|\Z)", re.DOTALL)
# What stands for the result where a model repeats what it was asked.
_PLACEHOLDERS = ("", "…", "...")
_QUOTES = tuple("\"'“”„«»")
_PICTURE = "[\u231a\u231b\u23e9-\u23f3\u2600-\u27bf\u2b50\u2b55\U0001f000-\U0001faff]"
_EMOJI = re.compile(
    f"[\U0001f1e6-\U0001f1ff]{{2}}|{_PICTURE}[\ufe0f\U0001f3fb-\U0001f3ff]*(?:\u200d{_PICTURE}[\ufe0f\U0001f3fb-\U0001f3ff]*)*"
)


def read(kind: Kind, said: str) -> Any:
    """The result of a task, or None: a text, for tags, follow-ups and queries a list of texts (never an empty one)."""
    said = _REASONING.sub("", said).strip()
    if kind == "emoji":
        found = _EMOJI.search(said) if len(said) <= LONGEST_EMOJI_ANSWER else None
        return found[0] if found else None
    if kind in ("moa", "summary"):
        return said or None
    value = _value(said, FIELDS[kind])
    if kind in _LISTS:
        return _texts(kind, value) or None
    return _text(kind, value)


def beginning(text: str) -> str | None:
    """The first words of a text on one line, as a title."""
    line = " ".join(text.split())
    if len(line) > LONGEST_TITLE:
        cut = line[: LONGEST_TITLE - 1]
        line = (cut.rpartition(" ")[0] or cut) + "…"
    return line or None


def as_json(kind: Kind, said: str) -> str:
    """The same as clients expect it of a task: a JSON object, with nothing in it when nothing could be read."""
    result = read(kind, said)
    if kind not in FIELDS:
        return result or ""
    empty: Any = [] if kind in _LISTS else None if kind == "title" else ""
    return json.dumps({FIELDS[kind]: empty if result is None else result}, ensure_ascii=False)


def _value(said: str, name: str) -> Any:
    start = said.find("{")
    if start < 0:
        return None
    for candidate in (said[start:], said[start : said.rfind("}") + 1]):
        try:
            found = json.loads(candidate)
        except ValueError:
            continue
        return found.get(name) if isinstance(found, dict) else None
    import json_repair

    repaired = json_repair.loads(said[start:])
    found = (
        next((each for each in repaired if isinstance(each, dict)), None) if isinstance(repaired, list) else repaired
    )
    return found.get(name) if isinstance(found, dict) else None


def _texts(kind: Kind, value: Any) -> list[str]:
    texts = [text for each in value if (text := _text(kind, each))] if isinstance(value, list) else []
    unique: dict[str, str] = {}
    for text in texts:
        unique.setdefault(text.casefold(), text)
    return list(unique.values())[:MOST]


def _text(kind: Kind, value: Any) -> str | None:
    if not isinstance(value, str) or '{"' in value or "```" in value or value.strip() in _PLACEHOLDERS:
        return None
    if kind == "auto":
        return value.rstrip()[:LONGEST_TEXT] or None
    line = " ".join(value.split()).strip("*# ")
    if line[:1] in _QUOTES and line[-1:] in _QUOTES:
        line = line[1:-1].strip()
    longest = {"title": LONGEST_TITLE, "tags": LONGEST_TAG}.get(kind, LONGEST_TEXT)
    if kind == "tags" and len(line) > longest:
        return None
    return line[:longest].rstrip() or None
