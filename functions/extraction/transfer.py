"""What a function may do with the world: get its input, put its output, both at presigned URLs."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from functions.extraction.failures import Unreadable

if TYPE_CHECKING:
    from urllib3 import PoolManager

MOST_BYTES = 2 * 1024**3
_PIECE = 1024 * 1024
_PATIENCE = 60.0


class TransferFailed(Exception):
    """S3 could not be reached, or has refused; it is worth another try."""


def download(url: str, path: Path) -> int:
    """Gets the input into a file; returns its bytes. Raises `Unreadable` over 2 GB and `TransferFailed`."""
    import urllib3

    got = 0
    try:
        with _pool().request("GET", url, preload_content=False, timeout=_PATIENCE) as answer, path.open("wb") as file:
            if answer.status != 200:
                raise TransferFailed(f"S3 has answered {answer.status} to reading")
            for piece in answer.stream(_PIECE):
                got += file.write(piece)
                if got > MOST_BYTES:
                    raise Unreadable("The file is larger than 2 GB. Split it.")
    except urllib3.exceptions.HTTPError as error:
        raise TransferFailed(f"S3 could not be read: {type(error).__name__}") from error
    return got


def upload(url: str, path: Path) -> None:
    """Puts the output. Raises `TransferFailed`."""
    import urllib3

    # S3 takes no body of unknown length.
    headers = {"content-length": str(path.stat().st_size)}
    try:
        with path.open("rb") as file:
            answer = _pool().request("PUT", url, body=file, headers=headers, timeout=_PATIENCE)
    except urllib3.exceptions.HTTPError as error:
        raise TransferFailed(f"S3 could not be written: {type(error).__name__}") from error
    if answer.status != 200:
        raise TransferFailed(f"S3 has answered {answer.status} to writing")


@cache
def _pool() -> "PoolManager":
    from urllib3 import PoolManager, Retry

    return PoolManager(
        retries=Retry(
            3,
            redirect=False,
            backoff_factor=0.3,
            backoff_jitter=0.3,
            status_forcelist=(500, 503),
            allowed_methods=("GET", "PUT"),
            raise_on_status=False,
        )
    )
