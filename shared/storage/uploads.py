"""A large object written piece by piece, with a bounded part of it in memory."""

from types import TracebackType
from typing import TYPE_CHECKING, Self

from shared.settings import settings
from shared.storage.aws import s3

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

# S3 takes parts of 5 MB and more, 10,000 at most: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
PART_BYTES = 8 * 1024 * 1024


class Upload:
    """A file to write into that becomes the object `key` on `close`; use as a context manager.

    A block that fails, or is abandoned, leaves nothing: what was sent of the object is deleted by the bucket's rule
    after a day.
    """

    def __init__(self, key: str, content_type: str, *, encoding: str | None = None) -> None:
        self.key, self.size = key, 0
        self._about = {"ContentType": content_type} | ({"ContentEncoding": encoding} if encoding else {})
        self._buffer = bytearray()
        self._upload_id: str | None = None
        self._parts: list[CompletedPartTypeDef] = []
        self._abandoned = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and not self._abandoned:
            self.close()

    def write(self, data: bytes) -> int:
        """Adds bytes."""
        self._buffer += data
        self.size += len(data)
        while len(self._buffer) >= PART_BYTES:
            self._send(bytes(self._buffer[:PART_BYTES]))
            del self._buffer[:PART_BYTES]
        return len(data)

    def tell(self) -> int:
        """How many bytes there are."""
        return self.size

    def abandon(self) -> None:
        """Makes no object of it."""
        self._abandoned = True

    def flush(self) -> None:
        """Nothing: parts go when they are whole."""

    def close(self) -> None:
        """Makes the object of what was written."""
        bucket = settings().require("files_bucket")
        if self._upload_id is None:
            s3().put_object(Bucket=bucket, Key=self.key, Body=bytes(self._buffer), **self._about)  # type: ignore[arg-type]
            return
        if self._buffer:
            self._send(bytes(self._buffer))
        s3().complete_multipart_upload(
            Bucket=bucket, Key=self.key, UploadId=self._upload_id, MultipartUpload={"Parts": self._parts}
        )

    def _send(self, part: bytes) -> None:
        bucket = settings().require("files_bucket")
        if self._upload_id is None:
            begun = s3().create_multipart_upload(Bucket=bucket, Key=self.key, **self._about)  # type: ignore[arg-type]
            self._upload_id = begun["UploadId"]
        number = len(self._parts) + 1
        sent = s3().upload_part(Bucket=bucket, Key=self.key, UploadId=self._upload_id, PartNumber=number, Body=part)
        self._parts.append({"PartNumber": number, "ETag": sent["ETag"]})
