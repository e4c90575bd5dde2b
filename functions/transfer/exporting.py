"""Carrying out an export of all that a person has here: zip files in the bucket, each written in one go.

A worker that runs out of time ends its file, and the next one begins another. Whatever breaks off in the middle of a
file begins that file again. `chats.json` is what an import takes.
"""

import json
import time
import zipfile
from collections.abc import Callable, Iterator
from typing import Any, cast

from functions.transfer import jobs
from functions.transfer.jobs import JobItem, Part, Progress
from functions.transfer.telling import Teller
from shared import feedback, files, presets, prompts, transfers
from shared.chats import folders, lists, tags, tree
from shared.chats.whole import all_kinds, whole_chats
from shared.errors import NotFound
from shared.identity.models import UserItem
from shared.knowledge import items, membership, memories
from shared.logs import logger
from shared.storage import objects
from shared.storage.tables import fetch_together
from shared.storage.uploads import Upload

RESERVE_SECONDS = 60.0
SAVED_EVERY_SECONDS = 5.0
# S3 takes 10,000 parts of 8 MB; a download of several GB is hard enough.
LARGEST_PART = 4 * 1024**3
_TOGETHER = 24


def prefix(item: JobItem) -> str:
    """Where the files of an export are."""
    return f"{transfers.exports_prefix(item.user_id)}{item.job_id}/"


class _OutOfTime(Exception):
    """This worker has to leave the rest to the next one."""


def carry_out(item: JobItem, token: str, remaining: Callable[[], float]) -> bool:
    """Works on an export for as long as there is time; whether something is left to do.

    Raises `LostLease` when it was stopped, or taken over.
    """
    progress = item.known
    with Teller(item) as teller:
        writer = _Writer(item, token, progress, teller, remaining)
        if writer.write():
            jobs.hand_over(item, token, progress)
            return True
        objects.delete(writer.plan_key)
        jobs.end(item, token, "done", progress)
        teller.tell(progress, last=True)
    logger().info("export ended", extra={"user_id": item.user_id, "job_id": item.job_id, "chats": progress.chats})
    return False


class _Writer:
    """Writes one file of an export."""

    def __init__(
        self, item: JobItem, token: str, progress: Progress, teller: Teller, remaining: Callable[[], float]
    ) -> None:
        self._item, self._token, self._progress, self._teller, self._remaining = (
            item,
            token,
            progress,
            teller,
            remaining,
        )
        self._saved = time.monotonic()
        self._done_chats = progress.parts[-1].chats if progress.parts else 0
        self._done_files = progress.parts[-1].files if progress.parts else 0
        self.plan_key = f"{prefix(item)}plan.json"

    def write(self) -> bool:
        """Writes what there is time for; whether something is left."""
        chat_ids, file_ids = self._plan()
        self._progress.total = len(chat_ids)
        self._progress.chats = self._done_chats
        number = len(self._progress.parts) + 1
        key = f"{prefix(self._item)}{number}.zip"
        left = False
        with (
            Upload(key, "application/zip") as upload,
            zipfile.ZipFile(cast(Any, upload), "w", zipfile.ZIP_DEFLATED, compresslevel=5) as archive,
        ):
            if number == 1:
                for about, value in self._about():
                    archive.writestr(f"{about}.json", json.dumps(value, indent=1))
            try:
                self._chats(archive, upload, chat_ids[self._done_chats :])
                self._files(archive, upload, file_ids[self._done_files :])
            except _OutOfTime:
                left = True
        name = "cirrus-export.zip" if number == 1 and not left else f"cirrus-export-{number}.zip"
        self._progress.chats = self._done_chats
        self._progress.parts.append(
            Part(key=key, name=name, size=upload.size, chats=self._done_chats, files=self._done_files)
        )
        return left

    def _plan(self) -> tuple[list[str], list[str]]:
        """What is to be exported, noted once, so that every worker goes through the same."""
        if self._progress.parts:
            plan = json.loads(objects.get(self.plan_key))
            return plan["chats"], plan["files"]
        user_id = self._item.user_id
        chat_ids = [chat.chat_id for chat in lists.everything(user_id, all_kinds(user_id))]
        file_ids = [file.file_id for file in files.of_user(user_id)]
        objects.put(self.plan_key, json.dumps({"chats": chat_ids, "files": file_ids}).encode(), "application/json")
        return chat_ids, file_ids

    def _about(self) -> Iterator[tuple[str, Any]]:
        user_id = self._item.user_id
        (user,) = fetch_together((UserItem, *UserItem.key(user_id)))
        if isinstance(user, UserItem):
            yield "profile", _profile(user)
        listed = [folders.folder(user_id, each.id) for each in folders.all_folders(user_id)]
        yield "folders", [vars(each) for each in listed if each]
        yield "tags", [vars(each) for each in tags.of_person(user_id)]
        yield "models", [each.model_dump() for each in presets.all_presets() if each.user_id == user_id]
        yield "prompts", list(_prompts(user_id))
        yield "feedback", list(_feedback(user_id))
        yield "knowledge", list(_knowledge(user_id))
        yield (
            "memories",
            [
                {"content": each.content, "created_at": int(each.created_at), "updated_at": int(each.updated_at)}
                for each in memories.of_user(user_id)
            ],
        )

    def _chats(self, archive: zipfile.ZipFile, upload: Upload, chat_ids: list[str]) -> None:
        if not chat_ids:
            return
        with archive.open("chats.json", "w", force_zip64=True) as out:
            separator = b"[\n"
            try:
                for start in range(0, len(chat_ids), _TOGETHER):
                    self._breathe(upload)
                    batch = chat_ids[start : start + _TOGETHER]
                    for chat in whole_chats(batch):
                        chat["chat"]["history"].pop(tree.MARK, None)
                        out.write(separator + _encoded(chat))
                        separator = b",\n"
                    self._done_chats += len(batch)
            finally:
                out.write(b"\n]\n" if separator == b",\n" else b"[]\n")

    def _files(self, archive: zipfile.ZipFile, upload: Upload, file_ids: list[str]) -> None:
        for file_id in file_ids:
            self._breathe(upload)
            try:
                item = files.find(file_id)
                archive.writestr(f"files/{file_id}/{item.filename.replace('/', '_')}", files.content(item))
            except NotFound:
                pass  # deleted meanwhile
            self._done_files += 1

    def _breathe(self, upload: Upload) -> None:
        """Shows that this worker lives, and ends its file when it is large enough, or its time is up."""
        if self._remaining() < RESERVE_SECONDS or upload.size > LARGEST_PART:
            raise _OutOfTime
        if time.monotonic() - self._saved > SAVED_EVERY_SECONDS:
            self._saved = time.monotonic()
            jobs.save(self._item, self._token, self._progress)
        self._progress.chats = self._done_chats
        self._teller.tell(self._progress)


def _encoded(value: Any) -> bytes:
    try:
        return tree.dumps(value).encode()
    except UnicodeEncodeError:  # half an emoji: only an escape can say it
        return json.dumps(value, separators=(",", ":")).encode()


def _profile(user: UserItem) -> dict[str, Any]:
    return {
        "id": user.user_id,
        "email": user.email,
        "name": user.name,
        "role": user.role,
        "profile_image_url": user.profile_image_url,
        "username": user.username,
        "bio": user.bio,
        "gender": user.gender,
        "date_of_birth": user.date_of_birth,
        "info": user.info,
        "settings": user.settings,
        "created_at": int(user.created_at),
        "updated_at": int(user.updated_at),
        "last_active_at": int(user.last_active_at),
    }


def _feedback(user_id: str) -> Iterator[dict[str, Any]]:
    ids = feedback.ids_of(user_id)
    for start in range(0, len(ids), 100):
        keys = [feedback.FeedbackItem.key(feedback_id) for feedback_id in ids[start : start + 100]]
        for item in fetch_together(*((feedback.FeedbackItem, *key) for key in keys)):
            if isinstance(item, feedback.FeedbackItem):
                yield {
                    "id": item.feedback_id,
                    "type": item.type,
                    "data": item.data,
                    "meta": item.meta,
                    "created_at": int(item.created_at),
                    "updated_at": int(item.updated_at),
                }


def _knowledge(user_id: str) -> Iterator[dict[str, Any]]:
    for item in items.all_items():
        if item.user_id == user_id:
            yield {
                "id": item.knowledge_id,
                "name": item.name,
                "description": item.description,
                "access_control": item.access_control,
                "created_at": int(item.created_at),
                "updated_at": int(item.updated_at),
                "files": [{"id": one.file_id, "path": one.path} for one in membership.of_knowledge(item.knowledge_id)],
            }


def _prompts(user_id: str) -> Iterator[dict[str, Any]]:
    for item in prompts.all_prompts():
        if item.user_id == user_id:
            yield {"command": item.sk.removeprefix(prompts.PREFIX), "title": item.title, "content": item.content}
