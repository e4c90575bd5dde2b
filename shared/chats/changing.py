"""Changes to a chat's head alone: pin, archive, put into a folder."""

from typing import Literal

from shared.chats import saving, writing
from shared.chats.merge import SERVER
from shared.chats.models import ChatHead
from shared.chats.writing import Plan

Flag = Literal["pinned", "archived"]


def set_flag(chat_id: str, flag: Flag, value: bool | None = None, *, touch: bool = True) -> ChatHead:
    """Sets `pinned` or `archived`, or turns it over (None); returns the head. Without `touch` the chat keeps its time.

    A chat that comes back into a folder that is gone comes back into none. Raises `NotFound`.
    """

    def work_out() -> Plan:
        plan = Plan(writing.get_head(chat_id), touch=touch)
        before = bool(getattr(plan.head, flag))
        after = not before if value is None else value
        plan.head_changed = before != after
        setattr(plan.head, flag, after)
        if plan.head.kind.startswith("folder:"):
            saving.put_into_folder(plan, plan.head.folder_id)
        return plan

    return writing.write(chat_id, SERVER, work_out).head


def move(chat_id: str, folder_id: str | None) -> ChatHead:
    """Puts a chat into a folder of its owner, which takes its pin off, or (None) out of its folder; returns the head.

    Raises `NotFound` when the chat is gone. In a folder that is gone the chat is put into none.
    """

    def work_out() -> Plan:
        plan = Plan(writing.get_head(chat_id), head_changed=True)
        plan.head.pinned = False
        saving.put_into_folder(plan, folder_id)
        return plan

    return writing.write(chat_id, SERVER, work_out).head


def leave_folder(chat_id: str) -> ChatHead:
    """Takes a chat out of its folder; it keeps its pin and its time. Raises `NotFound`."""

    def work_out() -> Plan:
        plan = Plan(writing.get_head(chat_id), touch=False)
        plan.head_changed = plan.head.folder_id is not None
        plan.head.folder_id = None
        return plan

    return writing.write(chat_id, SERVER, work_out).head
