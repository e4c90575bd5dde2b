"""How many files come with one message: as many as an admin allows."""

import asyncio

from functions.inference.models import CompletionForm
from shared.chats import store
from shared.errors import Invalid

TOO_MANY = "At most {most} files can go with one message, and here are {count}. Send the others with the next message."
_FILES = ("file", "image")
"""Knowledge bases, pages and chats count as no files."""


def most_files() -> int | None:
    """The files that one message may bring; None: as many as there are."""
    from shared.retrieval.settings import retrieval_settings

    return retrieval_settings().file_max_count


async def check_count(form: CompletionForm, most: int | None, *, stored: bool = False) -> None:
    """Raises `Invalid` when the question, `stored` or in the request, comes with more files than it may.

    A request has the files of all its questions, so that each of them may have brought so many.
    """
    if most is None:
        return
    questions = sum(message.get("role") == "user" for message in form.messages or ())
    given = _count(form.body().get("files"))
    if given > most * max(questions, 1):
        raise Invalid(TOO_MANY.format(most=most * max(questions, 1), count=given))
    if stored and (count := await asyncio.to_thread(_with_question, form)) > most:
        raise Invalid(TOO_MANY.format(most=most, count=count))


def _with_question(form: CompletionForm) -> int:
    """How many files the stored question has that an answer is asked to."""
    chat_id = str(form.chat_id)
    answer = store.message(chat_id, str(form.id)) or {}
    parent_id = answer.get("parentId")
    question = store.message(chat_id, str(parent_id)) if parent_id else None
    return _count((question or {}).get("files"))


def _count(files: object) -> int:
    listed = files if isinstance(files, list) else []
    return sum(isinstance(file, dict) and file.get("type") in _FILES for file in listed)
