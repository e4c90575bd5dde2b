"""Mistral OCR, https://docs.mistral.ai/capabilities/document_ai/basic_ocr/."""

from shared.extraction_engines.protocol import Document, EngineTrouble, Talk
from shared.headings import markdown_pages
from shared.segments import Segment

KINDS = frozenset({"pdf", "docx", "pptx", "image"})
URL = "https://api.mistral.ai/v1"
MODEL = "mistral-ocr-latest"


class MistralOcr:
    """The file is uploaded, read at a signed address, and deleted again."""

    kinds = KINDS

    def __init__(self, key: str, url: str = URL) -> None:
        self._url, self._key = url, {"authorization": f"Bearer {key}"}

    async def read(self, document: Document, talk: Talk) -> list[Segment]:
        files = {"file": (document.name, document.content, document.content_type)}
        uploaded = await talk.json(
            "POST", f"{self._url}/files", data={"purpose": "ocr"}, files=files, headers=self._key
        )
        place = f"{self._url}/files/{uploaded.get('id')}"
        try:
            signed = await talk.json("GET", f"{place}/url", params={"expiry": "1"}, headers=self._key)
            kind = "image_url" if document.kind == "image" else "document_url"
            asked = {"model": MODEL, "document": {"type": kind, kind: signed.get("url")}, "include_image_base64": False}
            found = await talk.json("POST", f"{self._url}/ocr", json=asked, headers=self._key)
        finally:
            await self._delete(place, talk)
        pages = found.get("pages")
        if not isinstance(pages, list):
            raise talk.failed("it found no pages")
        return list(markdown_pages((int(page.get("index", 0)), str(page.get("markdown") or "")) for page in pages))

    async def _delete(self, place: str, talk: Talk) -> None:
        try:
            await talk.ask("DELETE", place, headers=self._key)
        except EngineTrouble:
            return  # what was read counts more than what is left there
