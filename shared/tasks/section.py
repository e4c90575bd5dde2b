"""What an admin says of the tasks: which model does them, which are on, and with which prompts."""

from typing import ClassVar, Literal

from pydantic import Field

from shared.sections import Section
from shared.tasks import prompts

Kind = Literal["title", "tags", "follow_up", "queries", "image_prompt", "auto", "emoji", "moa", "summary"]


class TasksSection(Section):
    """Section `tasks` (contract: /api/v1/tasks/config, in capitals). An empty prompt stands for the one built in.

    `task_model` does the tasks of chats with a local model, `task_model_external` those of all others; without one the
    chat's own model does them.
    """

    section: ClassVar[str] = "tasks"

    task_model: str | None = None
    task_model_external: str | None = None
    enable_title_generation: bool = True
    enable_tags_generation: bool = True
    enable_follow_up_generation: bool = True
    enable_search_query_generation: bool = True
    enable_retrieval_query_generation: bool = True
    enable_image_prompt_generation: bool = True
    enable_autocomplete_generation: bool = False
    enable_emoji_generation: bool = True
    enable_moa_generation: bool = True
    autocomplete_generation_input_max_length: int = Field(-1, ge=-1)
    title_generation_prompt_template: str = ""
    tags_generation_prompt_template: str = ""
    follow_up_generation_prompt_template: str = ""
    query_generation_prompt_template: str = ""
    image_prompt_generation_prompt_template: str = ""
    autocomplete_generation_prompt_template: str = ""
    emoji_generation_prompt_template: str = ""
    moa_generation_prompt_template: str = ""
    summary_generation_prompt_template: str = ""
    tools_function_calling_prompt_template: str = ""

    def enabled(self, kind: Kind, purpose: str = "") -> bool:
        """Whether a task is on; of queries, for one purpose (`web_search` or `retrieval`)."""
        switches = {
            "title": self.enable_title_generation,
            "tags": self.enable_tags_generation,
            "follow_up": self.enable_follow_up_generation,
            "image_prompt": self.enable_image_prompt_generation,
            "auto": self.enable_autocomplete_generation,
            "emoji": self.enable_emoji_generation,
            "moa": self.enable_moa_generation,
        }
        if kind == "queries":
            searches = self.enable_search_query_generation or purpose != "web_search"
            return searches and (self.enable_retrieval_query_generation or purpose != "retrieval")
        return switches.get(kind, True)

    def template(self, kind: Kind) -> str:
        """The prompt of a task, with its variables."""
        names = {"queries": "query", "auto": "autocomplete"}
        own = str(getattr(self, f"{names.get(kind, kind)}_generation_prompt_template"))
        return own if own.strip() else prompts.BUILT_IN[kind]
