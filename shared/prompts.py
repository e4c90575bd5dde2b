"""Stored prompts: texts that people put into a message by `/command`."""

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute, VersionAttribute

from shared.storage.tables import Item, TableMeta, delete_all

PROMPTS, PREFIX = "PROMPTS", "PROMPT#"


class PromptItem(Item):
    """PROMPTS/PROMPT#<command, with its slash>; `timestamp`, of the last change, in seconds."""

    class Meta(metaclass=TableMeta):
        setting = "workspace_table"

    user_id = UnicodeAttribute()
    title = UnicodeAttribute()
    content = UnicodeAttribute()
    access_control = JSONAttribute(null=True)
    timestamp = NumberAttribute()
    version = VersionAttribute()

    @staticmethod
    def key(command: str) -> tuple[str, str]:
        """The prompt's (pk, sk)."""
        return PROMPTS, f"{PREFIX}{command}"


def all_prompts() -> list[PromptItem]:
    """Every prompt, by command; one consistent query."""
    return list(PromptItem.query(PROMPTS, PromptItem.sk.startswith(PREFIX), consistent_read=True))


def delete_of(user_id: str) -> None:
    """Deletes all prompts of a person."""
    delete_all(PromptItem, [(item.pk, item.sk) for item in all_prompts() if item.user_id == user_id])
