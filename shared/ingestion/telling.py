"""Telling people's open tabs how far their files are: `file:status` events."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from shared.files import FileItem
from shared.realtime.hub import UserChannel


def status(file: FileItem) -> dict[str, Any]:
    """What is told of a file."""
    return {
        "id": file.file_id,
        "filename": file.filename,
        "status": file.status,
        "progress": int(file.progress or 0),
        "reason": file.reason,
        "knowledge": sorted(file.knowledge or ()),
    }


def tell(files: Iterable[FileItem]) -> None:
    """Sends where these files are to their owners; to nobody where none is connected."""
    people: dict[str, list[FileItem]] = defaultdict(list)
    for file in files:
        people[file.user_id].append(file)
    for user_id, theirs in people.items():
        with UserChannel(user_id) as channel:
            for file in theirs:
                event = {"type": "file:status", "data": status(file)}
                channel.send("events", {"chat_id": None, "message_id": None, "data": event})
