"""Datalab Marker, https://documentation.datalab.to/docs/recipes/marker/conversion-api-overview, or one's own."""

import json
import re
from typing import Any

from shared.extraction_engines.protocol import Document, Json, Talk, same_origin
from shared.extraction_engines.tika import segments_of
from shared.headings import markdown_pages
from shared.retrieval.config import RetrievalConfig
from shared.segments import Segment

KINDS = frozenset({"pdf", "docx", "pptx", "xlsx", "ods", "odt", "odp", "epub", "html", "image", "office"})
URL = "https://www.datalab.to/api/v1/marker"
_SWITCHES = (
    "use_llm", "skip_cache", "force_ocr", "paginate", "strip_existing_ocr", "disable_image_extraction", "format_lines",
)  # fmt: skip
# What stands between pages where `paginate` is on: the number of the page that follows.
_PAGE = re.compile(r"^\{(\d+)\}-{20,}\s*$", re.MULTILINE)


class DatalabMarker:
    """Datalab's service answers a task to ask for; a Marker server of one's own answers at once."""

    kinds = KINDS

    def __init__(self, config: RetrievalConfig, key: str) -> None:
        self._url = (config.datalab_marker_api_base_url.strip() or URL).rstrip("/")
        self._key = {"X-Api-Key": key}
        self._format = config.datalab_marker_output_format.lower() or "markdown"
        self._form = {name: str(getattr(config, f"datalab_marker_{name}")).lower() for name in _SWITCHES}
        self._form["output_format"] = self._format
        if config.datalab_marker_additional_config.strip():
            self._form["additional_config"] = config.datalab_marker_additional_config

    async def read(self, document: Document, talk: Talk) -> list[Segment]:
        files = {"file": (document.name, document.content, document.content_type)}
        found = await talk.json("POST", self._url, data=self._form, files=files, headers=self._key)
        if found.get("success") is False:
            raise talk.failed(found.get("error"))
        if found.get("request_check_url"):
            content = (await self._done(found, talk)).get(self._format)
        else:
            content = found.get("output")
        if not content:
            raise talk.failed("it found no text")
        return self._segments(content)

    async def _done(self, task: Json, talk: Talk) -> Json:
        place = str(task["request_check_url"])
        if not same_origin(place, self._url):
            place = f"{self._url}/{task.get('request_id')}"
        while True:
            await talk.pause()
            found = await talk.json("GET", place, headers=self._key)
            if found.get("status") == "failed" or (found.get("status") == "complete" and not found.get("success")):
                raise talk.failed(found.get("error"))
            if found.get("status") == "complete":
                return found

    def _segments(self, content: Any) -> list[Segment]:
        if self._format == "json":
            return [Segment(json.dumps(content, ensure_ascii=False, indent=1))]
        if self._format == "html":
            return segments_of(str(content))
        first, *parts = _PAGE.split(str(content))
        numbered = [(int(number), text) for number, text in zip(parts[::2], parts[1::2], strict=True)]
        return list(markdown_pages([(None, first), *numbered]))
