"""What people who are not admins may do; the contract's `UserPermissions`, complete, with its defaults."""

from typing import ClassVar

from pydantic import Field

from shared.deferred import Deferred
from shared.sections import Section, load


class WorkspacePermissions(Deferred):
    """Which parts of the workspace a person may open."""

    models: bool = False
    knowledge: bool = False
    prompts: bool = False
    tools: bool = False


class SharingPermissions(Deferred):
    """What a person may share with everybody."""

    public_models: bool = False
    public_knowledge: bool = False
    public_prompts: bool = False
    public_tools: bool = False
    public_notes: bool = False


class ChatPermissions(Deferred):
    """What a person may do in a chat."""

    controls: bool = True
    valves: bool = True
    system_prompt: bool = True
    params: bool = True
    file_upload: bool = True
    delete: bool = True
    delete_message: bool = True
    continue_response: bool = True
    regenerate_response: bool = True
    rate_response: bool = True
    edit: bool = True
    share: bool = True
    export: bool = True
    stt: bool = True
    tts: bool = True
    call: bool = True
    multiple_models: bool = True
    temporary: bool = True
    temporary_enforced: bool = False


class FeaturesPermissions(Deferred):
    """Which features a person may use."""

    direct_tool_servers: bool = False
    web_search: bool = True
    image_generation: bool = True
    code_interpreter: bool = True
    notes: bool = True


class UserPermissions(Deferred):
    """All permissions, by area."""

    workspace: WorkspacePermissions
    sharing: SharingPermissions
    chat: ChatPermissions
    features: FeaturesPermissions


class PermissionsSection(Section):
    """Section `permissions`: what everybody has who is in no group that gives more."""

    section: ClassVar[str] = "permissions"

    workspace: WorkspacePermissions = Field(default_factory=WorkspacePermissions)
    sharing: SharingPermissions = Field(default_factory=SharingPermissions)
    chat: ChatPermissions = Field(default_factory=ChatPermissions)
    features: FeaturesPermissions = Field(default_factory=FeaturesPermissions)


def permissions() -> UserPermissions:
    """What a person may do; the same for everybody as long as there are no groups."""
    return UserPermissions.model_validate(load(PermissionsSection).model_dump())
