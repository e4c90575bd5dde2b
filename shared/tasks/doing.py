"""A task done by the task model of a chat's model."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.llm.connections import Connection
from shared.tasks import prompts
from shared.tasks.model import task_model
from shared.tasks.section import Kind, TasksSection


async def said(
    kind: Kind,
    section: TasksSection,
    messages: Sequence[Mapping[str, Any]],
    connection: Connection,
    upstream_model: str,
    variables: Mapping[str, str],
    *,
    longest: int = prompts.LONGEST_MESSAGE,
) -> str:
    """What the task model says, which `shared.tasks.reading` reads. Raises `ProviderError`, `LookupError`, `TypeError`.

    `connection` and `upstream_model` are the chat's: they do the task where no task model is set.
    """
    from shared.llm import providers
    from shared.llm.catalog import catalog
    from shared.llm.registry import KEPT_SECONDS

    known = await catalog(seconds=KEPT_SECONDS)
    by, model = task_model(section, known, connection, upstream_model)
    text = prompts.rendered(section.template(kind), messages, variables=variables, longest=longest)
    return await providers.said(by, model, text)
