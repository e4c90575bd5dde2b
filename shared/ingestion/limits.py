"""Which files an admin allows, on whatever way they come in."""

from shared.files import FileItem
from shared.retrieval.settings import retrieval_settings

WRITTEN = "text"
"""The source of a file that is a text somebody wrote or pasted."""
TOO_LARGE = "A file can have at most {limit} MB here. Split it, or ask an admin to raise the limit."
WRONG_TYPE = "Files of this type are not taken here. Use one of these: {types}."


def refused(file: FileItem) -> str | None:
    """Why what came to be read is not, if so: some ways in take files that are only to be kept.

    What was written or fetched by this server was looked at there: its name is made up.
    """
    made_here = file.edited or file.source == WRITTEN or "://" in (file.source or "")
    return None if made_here else wrong_type(file.filename)


def over_size(size: int) -> str | None:
    """Why a file of so many bytes is not taken, if so."""
    limit = retrieval_settings().largest_file
    return TOO_LARGE.format(limit=limit // 2**20) if size > limit else None


def wrong_type(filename: str) -> str | None:
    """Why a file of this name is not taken, if so."""
    listed = (extension.strip().lower().lstrip(".") for extension in retrieval_settings().allowed_file_extensions)
    allowed = [extension for extension in listed if extension]
    extension = filename.rpartition(".")[2].lower() if "." in filename else ""
    return WRONG_TYPE.format(types=", ".join(allowed)) if allowed and extension not in allowed else None
