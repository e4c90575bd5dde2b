"""Objects in the stage's files bucket."""

from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

from shared.settings import settings
from shared.storage.aws import s3


def put(key: str, body: bytes, content_type: str = "application/octet-stream", *, encoding: str | None = None) -> None:
    """Stores an object; `encoding` is the Content-Encoding its bytes are in."""
    bucket = settings().require("files_bucket")
    if encoding:
        s3().put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type, ContentEncoding=encoding)
    else:
        s3().put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type)


def get(key: str) -> bytes:
    """The object's bytes; raises botocore's NoSuchKey when it is absent."""
    return s3().get_object(Bucket=settings().require("files_bucket"), Key=key)["Body"].read()


def delete(*keys: str) -> None:
    """Deletes objects; absent ones are no error."""
    for start in range(0, len(keys), 1000):
        batch = [{"Key": key} for key in keys[start : start + 1000]]
        s3().delete_objects(Bucket=settings().require("files_bucket"), Delete={"Objects": batch, "Quiet": True})  # type: ignore[typeddict-item]


def keys(prefix: str) -> Iterator[str]:
    """The keys that begin with `prefix`."""
    pages = s3().get_paginator("list_objects_v2").paginate(Bucket=settings().require("files_bucket"), Prefix=prefix)
    for page in pages:
        for entry in page.get("Contents", []):
            yield entry["Key"]


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


def _through_edge(url: str) -> str:
    public = settings().public_url
    if not (settings().is_local and public):
        return url
    edge, parts = urlsplit(public), urlsplit(url)
    return urlunsplit((edge.scheme, edge.netloc, f"/s3{parts.path}", parts.query, ""))
