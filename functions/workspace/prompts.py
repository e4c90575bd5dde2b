"""The prompts library."""

import re

from pynamodb.exceptions import TransactWriteError

from functions.workspace.models import PromptForm, PromptModel, PromptUserResponse
from shared.clock import now
from shared.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge
from shared.identity.access import AccessControl, may_read, may_write
from shared.identity.permissions import permissions
from shared.identity.sessions import Identity
from shared.people import access_for, owners, require, size_of
from shared.prompts import PREFIX, PromptItem, all_prompts
from shared.storage.tables import transaction, written

LARGEST = 390_000
NO_PROMPT = "This prompt does not exist. It may have been deleted."
_CHANGED = "Somebody else changed this prompt at the same time. Reload it and try again."
_COMMAND = re.compile(r"/?([\w-]{1,99})")


def usable(user: Identity) -> list[PromptModel]:
    """The prompts that the person may use, last changed first."""
    prompts = [_model(item) for item in all_prompts()]
    readable = [one for one in prompts if may_read(user, one.user_id, one.access_control)]
    return sorted(readable, key=lambda one: one.timestamp, reverse=True)


def changeable(user: Identity) -> list[PromptUserResponse]:
    """The prompts that the person may change, with their owners, last changed first."""
    mine = [one for one in usable(user) if may_write(user, one.user_id, one.access_control)]
    people = owners(one.user_id for one in mine)
    return [PromptUserResponse(**one.model_dump(), user=people.get(one.user_id)) for one in mine]


def get(user: Identity, command: str) -> PromptModel:
    """A prompt that the person may use; raises `NotFound`."""
    return _model(_readable(user, command))


def create(user: Identity, form: PromptForm) -> PromptModel:
    """Stores a prompt. Raises `Forbidden`, `Invalid`, `Conflict` when the command is taken, `TooLarge`."""
    require(user, permissions().workspace.prompts, "write prompts")
    command = _command(form.command)
    item = PromptItem(*PromptItem.key(command), user_id=user.id)
    _fill(item, form, access_for(user, form, permissions().sharing.public_prompts))
    if not written(item.save, PromptItem.pk.does_not_exist()):
        raise _taken(command)
    return _model(item)


def update(user: Identity, command: str, form: PromptForm) -> PromptModel:
    """Replaces a prompt; another `command` in the form renames it.

    Raises `NotFound`, `Forbidden`, `Invalid`, `Conflict`, `TooLarge`.
    """
    item = _writable(user, command)
    renamed = _command(form.command)
    access = access_for(user, form, permissions().sharing.public_prompts, _model(item))
    if PREFIX + renamed != item.sk:
        return _rename(item, renamed, form, access)
    _fill(item, form, access)
    if not written(item.save):
        raise Conflict(_CHANGED)
    return _model(item)


def delete(user: Identity, command: str) -> bool:
    """Deletes a prompt; raises `NotFound`, `Forbidden`, `Conflict`."""
    item = _writable(user, command)
    if not written(item.delete):
        raise Conflict(_CHANGED)
    return True


def _rename(item: PromptItem, command: str, form: PromptForm, access: AccessControl | None) -> PromptModel:
    """Both commands change hands at once, so that a prompt never has two and none takes another's."""
    renamed = PromptItem(*PromptItem.key(command), user_id=item.user_id)
    _fill(renamed, form, access)
    try:
        with transaction() as change:
            change.save(renamed, condition=PromptItem.pk.does_not_exist())
            change.delete(item)
    except TransactWriteError as error:
        raise _taken(command) from error
    return _model(renamed)


def _command(text: str) -> str:
    found = _COMMAND.fullmatch(text.strip())
    if not found:
        raise Invalid("A command is one word: letters, digits, - and _, at most 99 of them. Choose another one.")
    return f"/{found[1]}"


def _taken(command: str) -> Conflict:
    return Conflict(f"There is a prompt with the command {command} already. Choose another command.")


def _fill(item: PromptItem, form: PromptForm, access: AccessControl | None) -> None:
    size = len(form.content.encode()) + len(form.title.encode()) + size_of(access)
    if size > LARGEST:
        raise TooLarge(f"This prompt has {size // 1000} KB, and {LARGEST // 1000} KB is the most. Shorten it.")
    item.title, item.content, item.timestamp = form.title, form.content, now()
    item.access_control = access.model_dump(mode="json") if access is not None else None


def _model(item: PromptItem) -> PromptModel:
    return PromptModel(
        command=item.sk.removeprefix(PREFIX),
        user_id=item.user_id,
        title=item.title,
        content=item.content,
        timestamp=int(item.timestamp),
        access_control=item.access_control,
    )


def _readable(user: Identity, command: str) -> PromptItem:
    try:
        item = PromptItem.get(*PromptItem.key(f"/{command.removeprefix('/')}"), consistent_read=True)
    except PromptItem.DoesNotExist as error:
        raise NotFound(NO_PROMPT) from error
    prompt = _model(item)
    if not may_read(user, prompt.user_id, prompt.access_control):
        raise NotFound(NO_PROMPT)
    return item


def _writable(user: Identity, command: str) -> PromptItem:
    item = _readable(user, command)
    prompt = _model(item)
    if not may_write(user, prompt.user_id, prompt.access_control):
        raise Forbidden("You may use this prompt, not change it. Ask its owner, or make a copy of your own.")
    return item
