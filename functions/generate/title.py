"""The title of a chat, made by a model after the first answer."""

import asyncio
import json
import re
from typing import ClassVar

from functions.generate.prompt import Prompt
from shared.answers import AnswerRequest
from shared.llm.connections import Connection
from shared.llm.errors import ProviderError
from shared.llm.providers import provider_for
from shared.llm.registry import registry
from shared.logs import logger
from shared.sections import Section, load

LONGEST_TITLE = 80
EXCERPT = 2000
_QUOTES = tuple("\"'“”„«»")


class TasksSection(Section):
    """Section `tasks` (contract: /api/v1/tasks/config): small jobs done by a model beside the answers."""

    section: ClassVar[str] = "tasks"

    task_model: str | None = None
    enable_title_generation: bool = True
    title_generation_prompt_template: str = ""


DEFAULT_PROMPT = """\
Give the conversation below a title that lets its owner find it again: three to six words, in the language of the \
conversation, no quotation marks, no full stop. One fitting emoji may come first.
Answer with nothing but JSON: {"title": "…"}

<conversation>
{{MESSAGES}}
</conversation>"""


async def make(request: AnswerRequest, prompt: Prompt, answer: str) -> str | None:
    """A title, or None when titles are switched off, the model failed, or what it said cannot be read."""
    section = await asyncio.to_thread(load, TasksSection)
    if not section.enable_title_generation or not prompt.first_question:
        return None
    connection, model = await _task_model(request, section)
    conversation = f"user: {prompt.first_question[:EXCERPT]}\nassistant: {answer[:EXCERPT]}"
    text = (section.title_generation_prompt_template or DEFAULT_PROMPT).replace("{{MESSAGES}}", conversation)
    try:
        completion = await provider_for(connection).complete(
            {"model": model, "messages": [{"role": "user", "content": text}], "stream": False}
        )
        return read(str(completion["choices"][0]["message"].get("content") or ""))
    except (ProviderError, LookupError, TypeError) as error:
        logger().warning("no title", extra={"chat_id": request.chat_id, "code": type(error).__name__})
        return None


def read(said: str) -> str | None:
    """The title in what a model said: JSON, broken JSON, JSON among other words; None when there is none."""
    said = re.sub(r"<think(ing)?>.*?</think(ing)?>", "", said, flags=re.DOTALL)
    for candidate in (said, said[said.find("{") : said.rfind("}") + 1]):
        try:
            found = json.loads(candidate)
        except ValueError:
            continue
        return _tidy(found.get("title")) if isinstance(found, dict) else None
    broken = re.search(r"""["']?title["']?\s*:\s*(["“'])(.+?)(?:\1|”|\n|$)""", said)
    return _tidy(broken[2]) if broken else None


async def _task_model(request: AnswerRequest, section: TasksSection) -> tuple[Connection, str]:
    if section.task_model and section.task_model != request.model:
        listing = await registry.listing(seconds=24 * 3600)
        if model := listing.models.get(section.task_model):
            return listing.connections[model.connection], model.upstream_id
    return request.connection, request.upstream_model


def _tidy(title: object) -> str | None:
    if not isinstance(title, str):
        return None
    line = " ".join(title.split()).strip("*# ")
    if line[:1] in _QUOTES and line[-1:] in _QUOTES:
        line = line[1:-1]
    return line[:LONGEST_TITLE].rstrip() or None
