"""Carrying out an import: steps of some chats each, saved one by one, so that it goes on wherever it broke off."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from botocore.exceptions import ClientError

from functions.transfer import formats, jobs
from functions.transfer.elements import Element, elements
from functions.transfer.incoming import Incoming, name_of, parsed
from functions.transfer.jobs import JobItem, Progress
from functions.transfer.telling import Teller
from shared import transfers
from shared.chats import saving
from shared.chats.merge import Reader
from shared.chats.models import HEAD, ChatHead, partition
from shared.chats.saving import Origin
from shared.errors import DomainError, Invalid
from shared.identity.models import UserItem
from shared.logs import logger
from shared.parallel import in_parallel
from shared.storage import objects
from shared.storage.tables import fetch_together

# A step: so many chats, or so many bytes.
STEP_CHATS, STEP_BYTES = 25, 4 * 1024 * 1024
# A worker with less time than this left leaves the rest to the next one.
RESERVE_SECONDS = 60.0

GONE = "The uploaded file is not there any more. Upload it again: chats that are imported already are skipped."
NOTHING = "There is no chat in this file that could be imported."
TOO_LONG = "It has more than 48 MB."
ODD = "Its messages have a shape that no export has."


def upload_key(item: JobItem) -> str:
    """Where the file to import is."""
    return f"{transfers.imports_prefix(item.user_id)}{item.job_id}.json"


def carry_out(item: JobItem, token: str, remaining: Callable[[], float]) -> bool:
    """Works on an import for as long as there is time; whether something is left to do.

    Raises `LostLease` when it was stopped, or taken over.
    """
    progress, takes_over = item.known, bool(item.begun)
    error: str | None = None
    with Teller(item) as teller:
        try:
            for step in _steps(elements(objects.stream(upload_key(item), progress.bytes_done), progress.bytes_done)):
                _import(item, step, progress, takes_over=takes_over)
                takes_over = False
                progress.bytes_done = step[-1].end
                if _owner_is_gone(item):
                    jobs.end(item, token, "stopped", progress)
                    return False
                if remaining() < RESERVE_SECONDS:
                    jobs.hand_over(item, token, progress)
                    return True
                jobs.save(item, token, progress)
                teller.tell(progress)
        except Invalid as reason:
            error = reason.detail
        except ClientError as missing:
            if missing.response["Error"]["Code"] not in ("NoSuchKey", "404"):
                raise
            error = GONE
        if error is None:
            progress.bytes_done = int(item.size)
            error = None if progress.imported or progress.skipped else NOTHING
        jobs.end(item, token, "failed" if error else "done", progress, error)
        teller.tell(progress, last=True)
    objects.delete(upload_key(item))
    logger().info(
        "import ended",
        extra={
            "user_id": item.user_id,
            "job_id": item.job_id,
            "state": item.state,
            "imported": progress.imported,
            "skipped": progress.skipped,
            "failed": progress.failed,
        },
    )
    return False


def _steps(found: Iterable[Element]) -> Iterator[list[Element]]:
    step: list[Element] = []
    size = 0
    try:
        for element in found:
            step.append(element)
            size += len(element.raw)
            if len(step) == STEP_CHATS or size >= STEP_BYTES:
                yield step
                step, size = [], 0
    except Invalid:
        if step:
            yield step
        raise
    if step:
        yield step


@dataclass(frozen=True)
class _Chat:
    name: str
    incoming: Incoming
    chat_id: str


def _import(item: JobItem, step: list[Element], progress: Progress, *, takes_over: bool) -> None:
    """Imports the chats of a step. What a worker that died may have left half done is completed."""
    wanted = list(_understood(item, step, progress))
    unique = {chat.chat_id: chat for chat in wanted}
    progress.skipped += len(wanted) - len(unique)
    known = _known(item.user_id, unique.values())
    reader = Reader(f"import:{item.job_id}")

    def store(chat: _Chat) -> str | None:
        """The reason why it cannot be stored, or None."""
        incoming, head = chat.incoming, known.get(chat.chat_id)
        origin = Origin(
            chat_id=chat.chat_id,
            meta=incoming.meta,
            pinned=incoming.pinned,
            archived=incoming.archived,
            created_at=incoming.created_at,
            updated_at=incoming.updated_at,
        )
        try:
            if head:
                saving.save_chat(head, incoming.parts, reader)
            else:
                saving.create(item.user_id, incoming.parts, reader, incoming.folder_id, origin)
        except DomainError as error:
            return error.detail
        return None

    new = [chat for chat in unique.values() if chat.chat_id not in known or (takes_over and known[chat.chat_id])]
    progress.skipped += len(unique) - len(new)
    for chat, reason in zip(new, in_parallel(store, new), strict=True):
        if reason is None:
            progress.imported += 1
        else:
            progress.fail(chat.name, reason)


def _understood(item: JobItem, step: list[Element], progress: Progress) -> Iterator[_Chat]:
    for element in step:
        name = name_of(element.raw[:65536], progress.seen + 1)
        progress.seen += 1
        try:
            if element.too_long:
                raise Invalid(TOO_LONG)
            form, incoming = formats.convert(parsed(element.raw))
        except DomainError as error:
            progress.fail(name, error.detail)
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
            progress.fail(name, ODD)
        else:
            progress.format = progress.format or form
            yield _Chat(incoming.parts.title or name, incoming, incoming.chat_id(item.user_id))


def _known(user_id: str, chats: Iterable[_Chat]) -> dict[str, ChatHead | None]:
    """Chats that are there: as this import would store them (with the head), or as the chat that was exported."""
    listed = list(chats)
    ids = [each.chat_id for each in listed]
    sources = {each.incoming.source_id: each.chat_id for each in listed if each.incoming.source_id}
    wanted = [(ChatHead, partition(chat_id), HEAD) for chat_id in (*ids, *(str(source) for source in sources))]
    heads = [head for head in fetch_together(*wanted) if isinstance(head, ChatHead)] if wanted else []
    mine = {head.chat_id: head for head in heads if head.user_id == user_id and not head.deleting}
    known: dict[str, ChatHead | None] = {chat_id: None for source, chat_id in sources.items() if source in mine}
    return known | {chat_id: mine[chat_id] for chat_id in ids if chat_id in mine}


def _owner_is_gone(item: JobItem) -> bool:
    return fetch_together((UserItem, *UserItem.key(item.user_id))) == [None]
