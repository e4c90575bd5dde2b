"""Files of people: the bytes in S3 under `files/<user>/<id>/`, an item in the knowledge table that tells what they are.

Images in chats are files as well. The item knows the chats a file is in; the last chat that is deleted takes an image
with it, and leaves a document.
"""

import base64
import hashlib
import re
import uuid
from collections.abc import Iterable, Mapping

from botocore.exceptions import ClientError
from pynamodb.attributes import BooleanAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute

from shared.clock import now, padded
from shared.errors import NotFound
from shared.storage import objects
from shared.storage.tables import ByList, Item, TableMeta, fetch_all, written

NO_FILE = "This file does not exist. It may have been deleted."
CONTENT_URL = re.compile(r"/api/v1/files/([A-Za-z0-9-]{1,64})/content")

# (bytes an image begins with, at which offset, its type)
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"GIF87a", 0, "image/gif"),
    (b"GIF89a", 0, "image/gif"),
    (b"ftypavif", 4, "image/avif"),
    (b"ftypheic", 4, "image/heic"),
    (b"BM", 0, "image/bmp"),
)


class FileItem(Item):
    """FILE#<id>/FILE. Times in seconds, `size` in bytes, `hash` is SHA-256; `chats` the chats it is in.

    `knowledge` the knowledge bases it is in, `generation` the ingestion of it that can be searched, `building` the
    one that is under way. `status` (None: it was never to be searched), `progress` in percent and `reason` (of a
    failure) tell of the last ingestion. `source` is where it comes from (`drop`, `text` that was written, or an
    address), `edited` whether its text was written anew. `deleting` since when it is being deleted: it is there for
    nobody then.
    """

    class Meta(metaclass=TableMeta):
        setting = "knowledge_table"

    file_id = UnicodeAttribute()
    user_id = UnicodeAttribute()
    filename = UnicodeAttribute()
    path = UnicodeAttribute()
    content_type = UnicodeAttribute()
    size = NumberAttribute()
    hash = UnicodeAttribute()
    data = JSONAttribute(null=True)
    meta = JSONAttribute(null=True)
    chats = UnicodeSetAttribute(null=True)
    knowledge = UnicodeSetAttribute(null=True)
    generation = UnicodeAttribute(null=True)
    building = UnicodeAttribute(null=True)
    status = UnicodeAttribute(null=True)
    progress = NumberAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    source = UnicodeAttribute(null=True)
    edited = BooleanAttribute(null=True)
    deleting = NumberAttribute(null=True)
    created_at = NumberAttribute()
    updated_at = NumberAttribute()
    gsi1pk = UnicodeAttribute(null=True)
    gsi1sk = UnicodeAttribute(null=True)
    by_list = ByList()

    @staticmethod
    def key(file_id: str) -> tuple[str, str]:
        """The file's (pk, sk)."""
        return f"FILE#{file_id}", "FILE"

    @property
    def is_image(self) -> bool:
        """Whether its bytes are those of a raster image (an SVG can have scripts, so it is none)."""
        return self.content_type.startswith("image/") and "svg" not in self.content_type


def image_type(content: bytes) -> str | None:
    """The media type of a raster image, by its first bytes; None for anything else."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for mark, at, kind in _SIGNATURES if content[at : at + len(mark)] == mark), None)


def content_url(file_id: str) -> str:
    """Where a browser finds the bytes."""
    return f"/api/v1/files/{file_id}/content"


def image_id(chat_id: str, content: bytes) -> str:
    """The id of an image that a chat had inline: the same image in the same chat has the same id."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{chat_id}:{hashlib.sha256(content).hexdigest()}"))


def store(
    user_id: str,
    filename: str,
    content_type: str,
    content: bytes,
    *,
    file_id: str | None = None,
    chat_id: str | None = None,
    meta: Mapping[str, object] | None = None,
    source: str | None = None,
) -> FileItem:
    """Stores a file: first the bytes, then the item, so that a file that is listed can be read; or neither of them."""
    file_id = file_id or str(uuid.uuid4())
    objects.put(path(user_id, file_id), content, content_type)
    digest = hashlib.sha256(content).hexdigest()
    try:
        return register(
            user_id,
            filename,
            content_type,
            len(content),
            file_id=file_id,
            digest=digest,
            chat_id=chat_id,
            meta=meta,
            source=source,
        )
    except Exception:  # whatever it is, the caller hears of it, and no bytes stay that nobody lists
        if file_id not in find_all([file_id]):
            objects.delete(path(user_id, file_id))
        raise


def register(
    user_id: str,
    filename: str,
    content_type: str,
    size: int,
    *,
    file_id: str,
    digest: str = "",
    chat_id: str | None = None,
    meta: Mapping[str, object] | None = None,
    key: str = "",
    source: str | None = None,
) -> FileItem:
    """Makes the item of a file whose bytes are there, at `key` if not where files are.

    Without `digest` that is found when the file is read.
    """
    created = now()
    item = FileItem(
        *FileItem.key(file_id),
        file_id=file_id,
        user_id=user_id,
        filename=filename,
        path=key or path(user_id, file_id),
        source=source,
        content_type=content_type,
        size=size,
        hash=digest,
        meta=dict(meta or {}),
        data={},
        chats={chat_id} if chat_id else None,
        created_at=created,
        updated_at=created,
        gsi1pk=f"USER#{user_id}",
        gsi1sk=f"{padded(created, 12)}#{file_id}",
    )
    item.save()
    return item


def find(file_id: str) -> FileItem:
    """The file; raises `NotFound`."""
    try:
        item = FileItem.get(*FileItem.key(file_id), consistent_read=True)
    except FileItem.DoesNotExist as error:
        raise NotFound(NO_FILE) from error
    if item.deleting is not None:
        raise NotFound(NO_FILE)
    return item


def find_all(file_ids: Iterable[str]) -> dict[str, FileItem]:
    """Those of the files that exist, by id."""
    found = fetch_all(FileItem, map(FileItem.key, dict.fromkeys(file_ids)))
    return {item.file_id: item for item in found if item.deleting is None}


def of_user(user_id: str) -> list[FileItem]:
    """A person's files, newest first."""
    return list(FileItem.by_list.query(f"USER#{user_id}", scan_index_forward=False))


def content(item: FileItem) -> bytes:
    """The file's bytes; raises `NotFound` when they are gone."""
    try:
        return objects.get(item.path)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("NoSuchKey", "404"):
            raise
        raise NotFound(NO_FILE) from error


def image_data_url(file_id: str, user_id: str) -> str:
    """An image of this person as a data URL, as model providers take it. Raises `NotFound`."""
    item = find(file_id)
    if item.user_id != user_id or not item.is_image:
        raise NotFound(NO_FILE)
    return f"data:{item.content_type};base64,{base64.b64encode(content(item)).decode()}"


def delete(item: FileItem) -> None:
    """Deletes a file: first the bytes, so that a deletion that broke off can be repeated."""
    objects.delete(item.path)
    item.delete()


def everything() -> list[FileItem]:
    """Every file of everybody."""
    return list(find_all(sorted(_stored())).values())


def delete_untold() -> None:
    """Deletes what lies in the bucket without an item that tells of it: what broke off has left it."""
    untold = _stored()
    for file_id in find_all(sorted(untold)):
        del untold[file_id]
    objects.delete(*(key for keys in untold.values() for key in keys))


def _stored() -> dict[str, list[str]]:
    """The keys of all files, by id."""
    keys: dict[str, list[str]] = {}
    for key in objects.keys("files/"):
        keys.setdefault(key.split("/")[2], []).append(key)
    return keys


def claim(item: FileItem, chat_id: str) -> None:
    """Notes that a file is in a chat; one that was deleted meanwhile stays deleted."""
    written(item.update, [FileItem.chats.add({chat_id})], FileItem.pk.exists())


def release(file_ids: Iterable[str], user_id: str, chat_id: str) -> None:
    """Ends what a deleted chat holds of its owner's files: images that nothing else holds are deleted."""
    listed = list(dict.fromkeys(file_ids))
    found = find_all(listed)
    objects.delete(*(path(user_id, file_id) for file_id in listed if file_id not in found))
    for item in found.values():
        if item.user_id != user_id:
            continue
        item.update([FileItem.chats.delete({chat_id})])
        if item.is_image and not (item.chats or item.knowledge):
            delete(item)


def path(user_id: str, file_id: str) -> str:
    """Where a file's bytes are. The item has the name: a fixed one here keeps every file deletable by its id alone."""
    return f"files/{user_id}/{file_id}/content"
