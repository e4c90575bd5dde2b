"""Azure Document Intelligence, https://learn.microsoft.com/rest/api/aiservices/document-models/analyze-document."""

import re

from shared.extraction_engines.protocol import Document, Talk, same_origin
from shared.headings import markdown_pages
from shared.segments import Segment

KINDS = frozenset({"pdf", "docx", "pptx", "xlsx", "html", "image"})
VERSION = "2024-11-30"
_BREAK = "<!-- PageBreak -->"
_NOTES = re.compile(r"<!-- Page(?:Header|Footer|Number)=.*? -->\n?")


class AzureDocumentIntelligence:
    """The layout model answers Markdown, in which the breaks of pages are marked."""

    kinds = KINDS

    def __init__(self, endpoint: str, key: str) -> None:
        self._endpoint, self._key = endpoint.rstrip("/"), {"Ocp-Apim-Subscription-Key": key}

    async def read(self, document: Document, talk: Talk) -> list[Segment]:
        url = f"{self._endpoint}/documentintelligence/documentModels/prebuilt-layout:analyze"
        answer = await talk.ask(
            "POST",
            url,
            params={"api-version": VERSION, "outputContentFormat": "markdown"},
            content=document.content,
            headers={**self._key, "content-type": "application/octet-stream"},
        )
        place = answer.headers.get("operation-location", "")
        if not same_origin(place, self._endpoint):
            raise talk.trouble("gave an answer that is not understood. An admin can check its address")
        while True:
            await talk.pause(answer)
            answer = await talk.ask("GET", place, headers=self._key)
            found = talk.object_of(answer)
            if found.get("status") == "failed":
                raise talk.failed((found.get("error") or {}).get("message"))
            if found.get("status") == "succeeded":
                break
        pages = str((found.get("analyzeResult") or {}).get("content") or "").split(_BREAK)
        return list(markdown_pages((number, _NOTES.sub("", page)) for number, page in enumerate(pages)))
