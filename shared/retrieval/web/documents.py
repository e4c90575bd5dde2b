"""Documents at addresses, and large pages, as text, read in passing: nothing is kept of them.

Nothing here opens them: the function `extract` does, or the service that an admin has read such files.
"""

import asyncio
import json
import mimetypes
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from shared.errors import Invalid, Upstream
from shared.extracting import event_for
from shared.guarded import Fetched
from shared.kinds import FIRST_BYTES, Kind, Refused, identify
from shared.logs import logger
from shared.retrieval.settings import RetrievalSettings
from shared.retrieval.web.pages import LONGEST, Page
from shared.segments import Segment, read_segments
from shared.settings import settings
from shared.storage import objects
from shared.storage.aws import lambda_client

SECONDS = 15
"""What reading one may take: somebody waits for it."""
_URL_SECONDS = 300
_UNKNOWN = ("", "application/octet-stream", "binary/octet-stream")


async def read(found: Fetched, section: RetrievalSettings) -> Page:
    """A document's text; raises `Invalid` or `Upstream`, which say why there is none."""
    return await asyncio.to_thread(_read, found, section)


def read_page(url: str, html: str) -> list[Segment]:
    """What is to be read on a page; raises `Invalid` or `Upstream`, which say why there is none."""
    return _by_function(html.encode(errors="replace"), str(urlsplit(url).hostname), "html")


def name_of(found: Fetched) -> str:
    """The last part of the address, with the ending that files of its type have."""
    parts = urlsplit(found.url)
    name = unquote(parts.path.rstrip("/").rpartition("/")[2]) or str(parts.hostname)
    if found.kind in _UNKNOWN or mimetypes.guess_type(name)[0] == found.kind:
        return name
    return name + (mimetypes.guess_extension(found.kind) or "")


def kind_of(found: Fetched, name: str) -> Kind:
    """What it is, by its first bytes; raises `Invalid` for what is not read."""
    kind = identify(found.content[:FIRST_BYTES], name)
    if isinstance(kind, Refused):
        raise Invalid(kind.reason)
    return kind


def _read(found: Fetched, section: RetrievalSettings) -> Page:
    name = name_of(found)
    kind = kind_of(found, name)
    segments = tuple(_by_service(found, name, kind, section) or _by_function(found.content, name, kind))
    text = "\n\n".join(segment.text for segment in segments)[:LONGEST]
    if not text.strip():
        raise Invalid(f"No text was found in {name}. If it is a scan, add it as a file: then its pages are recognised.")
    return Page(found.url, name, text, segments)


def _by_service(found: Fetched, name: str, kind: Kind, section: RetrievalSettings) -> list[Segment]:
    """The segments, where an admin has a service read such files; empty where not."""
    if not section.content_extraction_engine:
        return []
    from shared import extraction_engines

    engine = extraction_engines.engine_for(section, kind)
    if engine is None:
        return []
    return extraction_engines.read(engine, extraction_engines.Document(name, found.content, found.kind, kind), SECONDS)


def _by_function(content: bytes, name: str, kind: Kind) -> list[Segment]:
    # What a call that broke off has left there is deleted by the bucket's rules.
    place = f"requests/documents/{uuid.uuid4()}"
    source, output = f"{place}/content", f"{place}/segments.jsonl"
    try:
        objects.put(source, content)
        return list(_segments(name, kind, source, output))
    except (BotoCoreError, ClientError) as error:
        logger().warning("document not read", extra={"code": type(error).__name__})
        raise Upstream(f"{name} could not be read just now. Try again later.") from error
    finally:
        objects.delete(source, output)


def _segments(name: str, kind: Kind, source: str, output: str) -> Iterator[Segment]:
    """The segments, of a long document as many as are used."""
    told = {"name": name, "options": {"seconds": SECONDS}}
    event = event_for("extract", kind, source, output, seconds=_URL_SECONDS, **told)
    answer = _asked(name, event)
    length = 0
    for limits in answer.get("ranges", [None]):
        if limits:
            _asked(name, {**event, "range": limits})
        for segment in read_segments(objects.lines(output)):
            length += len(segment.text)
            yield segment
            if length > LONGEST:
                return


def _asked(name: str, event: dict[str, Any]) -> dict[str, Any]:
    answer = lambda_client(patient=True).invoke(
        FunctionName=settings().require("extract_function"), Payload=json.dumps(event)
    )
    result = json.loads(answer["Payload"].read() or b"{}")
    if answer.get("FunctionError") or not isinstance(result, dict):
        raise Upstream(f"{name} could not be read just now. Try again later.")
    if result.get("status") == "failed":
        raise Invalid(str(result.get("reason")))
    return result
