"""Files of people: the bytes in S3 under `files/<user>/<id>/`, an item in the knowledge table that tells what they are.

Images in chats are files as well; the item knows the chats they are in, and the last chat that is deleted takes the
image with it.
"""

import base64
import hashlib
import re
import uuid
from collections.abc import Iterable, Mapping

from botocore.exceptions import ClientError
from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.exceptions import UpdateError

from shared.clock import now, padded
from shared.errors import NotFound
from shared.storage import objects
from shared.storage.tables import ByList, Item, TableMeta, fetch_all

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
    """FILE#<id>/FILE. Times in seconds, `size` in bytes, `hash` is SHA-256; `chats` the chats it is an image in."""

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
) -> FileItem:
    """Stores a file: first the bytes, then the item, so that a file that is listed can be read."""
    file_id = file_id or str(uuid.uuid4())
    # The item has the name; in the key a fixed one keeps every file deletable by its id alone.
    path = _path(user_id, file_id)
    objects.put(path, content, content_type)
    created = now()
    item = FileItem(
        *FileItem.key(file_id),
        file_id=file_id,
        user_id=user_id,
        filename=filename,
        path=path,
        content_type=content_type,
        size=len(content),
        hash=hashlib.sha256(content).hexdigest(),
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
        return FileItem.get(*FileItem.key(file_id), consistent_read=True)
    except FileItem.DoesNotExist as error:
        raise NotFound(NO_FILE) from error


def find_all(file_ids: Iterable[str]) -> dict[str, FileItem]:
    """Those of the files that exist, by id."""
    return {item.file_id: item for item in fetch_all(FileItem, map(FileItem.key, dict.fromkeys(file_ids)))}


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


def delete_everything() -> int:
    """Deletes every file of everybody; returns how many."""
    count = 0
    for path in objects.keys("files/"):
        objects.delete(path)
        FileItem(*FileItem.key(path.split("/")[2])).delete()
        count += 1
    return count


def claim(item: FileItem, chat_id: str) -> None:
    """Notes that an image is in a chat; one that was deleted meanwhile stays deleted."""
    try:
        item.update([FileItem.chats.add({chat_id})], FileItem.pk.exists())
    except UpdateError as error:
        if error.cause_response_code != "ConditionalCheckFailedException":
            raise


def release(file_ids: Iterable[str], user_id: str, chat_id: str) -> None:
    """Ends what a deleted chat holds of its owner's images: those that are in no other chat are deleted."""
    listed = list(dict.fromkeys(file_ids))
    found = find_all(listed)
    objects.delete(*(_path(user_id, file_id) for file_id in listed if file_id not in found))
    for item in found.values():
        if item.user_id != user_id:
            continue
        item.update([FileItem.chats.delete({chat_id})])
        if not item.chats:
            delete(item)


def _path(user_id: str, file_id: str) -> str:
    return f"files/{user_id}/{file_id}/content"
