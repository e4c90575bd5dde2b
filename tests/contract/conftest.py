"""Each file of tests begins with nobody and nothing that the file before it left."""

import pytest

from functions.workspace import votes
from shared import presets, sections
from shared.llm.registry import registry
from shared.settings import settings
from tests.contract.accounts.members import empty


@pytest.fixture(scope="module", autouse=True)
def _nothing_left_behind(emulator: object) -> None:
    """No accounts, settings or workspace, and none remembered; chats and files have owners, who are gone."""
    for table in (settings().accounts_table, settings().platform_table, settings().workspace_table):
        empty(table)
    for forget in (presets.forget, votes.forget, sections.forget, registry.forget):
        forget()
