"""The text of files: what was read, or what somebody wrote in its place."""

from collections.abc import Iterator

from botocore.exceptions import ClientError

from shared.delivery import PLAIN_BYTES
from shared.errors import TooLarge
from shared.files import FileItem
from shared.ingestion import keys, limits, readings, requests
from shared.segments import Segment
from shared.storage import objects


def text_of(item: FileItem) -> str:
    """The text; empty as long as nothing was read. What an answer has no room for is cut off at the end."""
    if item.edited:
        key = keys.edited(item)
    elif item.generation:
        key = keys.Generation(item.user_id, item.file_id, item.generation).text
    else:
        return str((item.data or {}).get("content") or "")
    try:
        return objects.part_of(key, 0, PLAIN_BYTES - 1).decode(errors="ignore")
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("NoSuchKey", "404"):
            raise
        return ""


def segments_of(item: FileItem) -> Iterator[Segment]:
    """The same text in pieces that know where they stand; what somebody wrote is one piece."""
    if item.edited or not item.generation:
        text = text_of(item)
        return iter([Segment(text)] if text else [])
    generation = keys.Generation(item.user_id, item.file_id, item.generation)
    return readings.segments(generation, readings.parts(generation))


def shown(segments: Iterator[Segment]) -> tuple[list[Segment], bool]:
    """As many segments as an answer has room for, and whether there are more."""
    some: list[Segment] = []
    room = PLAIN_BYTES
    for segment in segments:
        room -= len(segment.line.encode(errors="ignore"))
        if room < 0:
            return some, True
        some.append(segment)
    return some, False


def write(item: FileItem, text: str) -> str:
    """Writes a text in place of what the file says, and has it made searchable; raises `TooLarge`."""
    content = text.encode(errors="replace")
    if len(content) > PLAIN_BYTES:
        raise TooLarge("A text can have at most 2.5 MB here. Upload a longer one as a file.")
    if reason := limits.over_size(len(content)):
        raise TooLarge(reason)
    objects.put(keys.edited(item), content, "text/plain; charset=utf-8")
    item.update([FileItem.edited.set(True)], FileItem.pk.exists())
    requests.ingest(item.file_id)
    return text
