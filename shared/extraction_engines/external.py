"""A loader of one's own: `PUT <url>/process` with the file, answered with its text as the contract has it."""

from typing import Any
from urllib.parse import quote

from shared.extraction_engines.protocol import Document, Talk
from shared.headings import markdown_sections
from shared.segments import Segment

KINDS = frozenset({"pdf", "docx", "pptx", "xlsx", "ods", "odt", "odp", "epub", "html", "eml", "msg", "image", "office",
                   "audio", "video"})  # fmt: skip


class ExternalLoader:
    """Answers `{"page_content", "metadata"}` or a list of them; of the metadata, `page` (from 0) is kept."""

    kinds = KINDS

    def __init__(self, url: str, key: str) -> None:
        self._url, self._key = url.rstrip("/"), key

    async def read(self, document: Document, talk: Talk) -> list[Segment]:
        headers = {"content-type": document.content_type, "X-Filename": quote(document.name)}
        if self._key:
            headers["authorization"] = f"Bearer {self._key}"
        answer = await talk.ask("PUT", f"{self._url}/process", content=document.content, headers=headers)
        try:
            found = answer.json()
        except ValueError as error:
            raise talk.trouble("did not answer in JSON. An admin can check its address") from error
        parts = found if isinstance(found, list) else [found]
        if not parts or not all(isinstance(part, dict) and isinstance(part.get("page_content"), str) for part in parts):
            raise talk.trouble("gave an answer without page_content. An admin can check it")
        return [segment for part in parts for segment in _segments(part)]


def _segments(part: dict[str, Any]) -> list[Segment]:
    metadata = part.get("metadata")
    page = metadata.get("page") if isinstance(metadata, dict) else None
    if isinstance(page, int) and not isinstance(page, bool):
        return [Segment(part["page_content"], page=page)]
    return list(markdown_sections(part["page_content"].splitlines()))
