"""Objects in the stage's files bucket."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit, urlunsplit

from botocore.exceptions import ClientError, HTTPClientError, IncompleteReadError, ReadTimeoutError

from shared.settings import settings
from shared.storage.aws import s3

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

_READ_ATTEMPTS = 4
_NOT_WHOLE = ("InvalidPart", "InvalidPartOrder", "EntityTooSmall", "NoSuchUpload", "MalformedXML", "404")
_REPLACED = ("PreconditionFailed", "412", "ConditionalRequestConflict", "409", "NoSuchKey", "404", "NotFound")


def put(key: str, body: bytes, content_type: str = "application/octet-stream", *, encoding: str | None = None) -> None:
    """Stores an object; `encoding` is the Content-Encoding its bytes are in."""
    bucket = settings().require("files_bucket")
    if encoding:
        s3().put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type, ContentEncoding=encoding)
    else:
        s3().put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type)


def replace(key: str, body: bytes, content_type: str, etag: str) -> str | None:
    """Stores an object in the place of the one with this ETag, or of none when it is empty.

    Returns the new ETag, None when there is another object by now.
    """
    bucket = settings().require("files_bucket")
    try:
        if etag:
            answer = s3().put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type, IfMatch=etag)
        else:
            answer = s3().put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type, IfNoneMatch="*")
    except ClientError as error:
        if error.response["Error"]["Code"] in _REPLACED:
            return None
        raise
    return answer["ETag"]


def get(key: str) -> bytes:
    """The object's bytes; raises botocore's NoSuchKey when it is absent."""
    return s3().get_object(Bucket=settings().require("files_bucket"), Key=key)["Body"].read()


def stream(key: str, start: int = 0, chunk_size: int = 1024 * 1024) -> Iterator[bytes]:
    """The object's bytes from `start` on, chunk by chunk; a reading that breaks off goes on where it was.

    Raises botocore's NoSuchKey when it is absent.
    """
    failures = 0
    while True:
        try:
            answer = s3().get_object(Bucket=settings().require("files_bucket"), Key=key, Range=f"bytes={start}-")
            for chunk in answer["Body"].iter_chunks(chunk_size):
                start += len(chunk)
                failures = 0
                yield chunk
        except ClientError as error:
            if error.response["Error"]["Code"] in ("InvalidRange", "416"):
                return
            raise
        except (HTTPClientError, IncompleteReadError, ReadTimeoutError):
            failures += 1
            if failures == _READ_ATTEMPTS:
                raise
            continue
        return


def lines(key: str) -> Iterator[bytes]:
    """The object's lines, without their ends. Raises botocore's NoSuchKey when it is absent."""
    rest = b""
    for piece in stream(key):
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole
    yield rest


def part_of(key: str, first: int, last: int) -> bytes:
    """The object's bytes from `first` to `last`, both included, as far as it has them.

    Raises botocore's NoSuchKey when it is absent.
    """
    try:
        answer = s3().get_object(Bucket=settings().require("files_bucket"), Key=key, Range=f"bytes={first}-{last}")
    except ClientError as error:
        if error.response["Error"]["Code"] in ("InvalidRange", "416"):
            return b""
        raise
    return answer["Body"].read()


@dataclass(frozen=True)
class Head:
    """An object without its bytes: `size` of them; `etag` is another for other bytes; `changed_at` in epoch seconds."""

    key: str
    size: int
    etag: str
    changed_at: int


def head(key: str) -> Head | None:
    """What is known of an object; None when it is absent."""
    try:
        found = s3().head_object(Bucket=settings().require("files_bucket"), Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("NoSuchKey", "404"):
            raise
        return None
    return Head(key, int(found["ContentLength"]), found["ETag"].strip('"'), int(found["LastModified"].timestamp()))


def size(key: str) -> int | None:
    """How many bytes an object has; None when it is absent."""
    found = head(key)
    return found.size if found else None


def delete(*keys: str) -> None:
    """Deletes objects; absent ones are no error."""
    for start in range(0, len(keys), 1000):
        batch = [{"Key": key} for key in keys[start : start + 1000]]
        s3().delete_objects(Bucket=settings().require("files_bucket"), Delete={"Objects": batch, "Quiet": True})  # type: ignore[typeddict-item]


def keys(prefix: str) -> Iterator[str]:
    """The keys that begin with `prefix`."""
    return (each.key for each in heads(prefix))


def heads(prefix: str) -> Iterator[Head]:
    """The objects whose keys begin with `prefix`, in the order of their keys' bytes."""
    pages = s3().get_paginator("list_objects_v2").paginate(Bucket=settings().require("files_bucket"), Prefix=prefix)
    for page in pages:
        for entry in page.get("Contents", []):
            yield Head(entry["Key"], entry["Size"], entry["ETag"].strip('"'), int(entry["LastModified"].timestamp()))


def presigned_get(
    key: str,
    seconds: int = 300,
    *,
    content_type: str | None = None,
    encoding: str | None = None,
    disposition: str | None = None,
) -> str:
    """A URL where a browser may read the object for `seconds`; locally through the edge (`/s3/<bucket>/<key>`)."""
    parameters = {"Bucket": settings().require("files_bucket"), "Key": key}
    if disposition:
        parameters["ResponseContentDisposition"] = disposition
    if content_type:
        parameters["ResponseContentType"] = content_type
    if encoding:
        parameters["ResponseContentEncoding"] = encoding
    url = s3().generate_presigned_url("get_object", Params=parameters, ExpiresIn=seconds)
    return _through_edge(url)


def presigned_form(key: str, largest: int, content_type: str, seconds: int = 3600) -> tuple[str, dict[str, str]]:
    """The address and the fields of a form by which a browser may upload this object, of 1 to `largest` bytes."""
    form = s3().generate_presigned_post(
        settings().require("files_bucket"),
        key,
        Fields={"Content-Type": content_type},
        Conditions=[["content-length-range", 1, largest], {"Content-Type": content_type}],
        ExpiresIn=seconds,
    )
    return _through_edge(form["url"]), form["fields"]


def begin_parts(key: str, content_type: str) -> str:
    """Begins an object that a browser sends in parts; its upload's id. One that is not ended S3 forgets after a day."""
    bucket = settings().require("files_bucket")
    return s3().create_multipart_upload(Bucket=bucket, Key=key, ContentType=content_type)["UploadId"]


def presigned_part(key: str, upload_id: str, number: int, seconds: int = 3600) -> str:
    """A URL where a browser may PUT a part; parts count from 1. What it answers has the part's ETag."""
    parameters = {
        "Bucket": settings().require("files_bucket"),
        "Key": key,
        "UploadId": upload_id,
        "PartNumber": number,
    }
    return _through_edge(s3().generate_presigned_url("upload_part", Params=parameters, ExpiresIn=seconds))


def end_parts(key: str, upload_id: str, etags: list[str]) -> bool:
    """Makes the object of its parts, in their order; False when they are not all there, or not these."""
    parts: list[CompletedPartTypeDef] = [
        {"PartNumber": number, "ETag": etag} for number, etag in enumerate(etags, start=1)
    ]
    try:
        s3().complete_multipart_upload(
            Bucket=settings().require("files_bucket"), Key=key, UploadId=upload_id, MultipartUpload={"Parts": parts}
        )
    except ClientError as error:
        if error.response["Error"]["Code"] not in _NOT_WHOLE:
            raise
        return False
    return True


def abandon_parts(key: str, upload_id: str) -> None:
    """Drops the parts of an object that is not to be; one that is gone is no error."""
    try:
        s3().abort_multipart_upload(Bucket=settings().require("files_bucket"), Key=key, UploadId=upload_id)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("NoSuchUpload", "404"):
            raise


def presigned_inside(method: Literal["get_object", "put_object"], key: str, seconds: int = 3600) -> str:
    """A URL where a function without any permission may read or write this one object."""
    parameters = {"Bucket": settings().require("files_bucket"), "Key": key}
    return s3().generate_presigned_url(method, Params=parameters, ExpiresIn=seconds)


def _through_edge(url: str) -> str:
    public = settings().public_url
    if not (settings().is_local and public):
        return url
    edge, parts = urlsplit(public), urlsplit(url)
    return urlunsplit((edge.scheme, edge.netloc, f"/s3{parts.path}", parts.query, ""))
