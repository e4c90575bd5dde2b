"""Which model does a task."""

from typing import TYPE_CHECKING

from shared.errors import NotFound
from shared.llm.connections import Connection
from shared.tasks.section import TasksSection

if TYPE_CHECKING:
    from shared.llm.catalog import Catalog


def task_model(
    section: TasksSection, known: "Catalog", connection: Connection, upstream_model: str
) -> tuple[Connection, str]:
    """The connection and the provider's name of the task model for a chat's model; that one itself when none is set.

    An admin names one for local models and one for all others; it may be a preset, of which only the base counts.
    """
    local = connection.config.connection_type == "local"
    name = section.task_model if local else section.task_model_external
    if name:
        try:
            chosen = known.find(name)
        except NotFound:  # it is gone: the chat's own model can do it too
            return connection, upstream_model
        return chosen.connection, chosen.model.upstream_id
    return connection, upstream_model
