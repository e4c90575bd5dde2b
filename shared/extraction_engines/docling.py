"""Docling Serve, https://github.com/docling-project/docling-serve/blob/main/docs/usage.md."""

import json
from typing import Any

from shared.extraction_engines.protocol import Document, Talk
from shared.headings import markdown_pages
from shared.retrieval.config import RetrievalConfig
from shared.segments import Segment

KINDS = frozenset({"pdf", "docx", "pptx", "xlsx", "html", "image"})
PAGE_BREAK = "<!-- page break -->"


class Docling:
    """A document is handed over as a task, which is asked for until it is done: large ones take many minutes."""

    kinds = KINDS

    def __init__(self, config: RetrievalConfig) -> None:
        self._url = config.docling_server_url.rstrip("/")
        self._form = form_of(config)

    async def read(self, document: Document, talk: Talk) -> list[Segment]:
        files = {"files": (document.name, document.content, document.content_type)}
        task = await talk.json("POST", f"{self._url}/v1/convert/file/async", data=self._form, files=files)
        while task.get("task_status") not in ("success", "failure"):
            await talk.pause()
            task = await talk.json("GET", f"{self._url}/v1/status/poll/{task['task_id']}")
        if task["task_status"] == "failure":
            raise talk.failed(task.get("error_message"))
        result = await talk.json("GET", f"{self._url}/v1/result/{task['task_id']}")
        text = (result.get("document") or {}).get("md_content")
        if not isinstance(text, str):
            raise talk.failed("; ".join(str(each.get("error_message")) for each in result.get("errors") or []))
        pages = text.split(PAGE_BREAK)
        return list(markdown_pages((number if len(pages) > 1 else None, page) for number, page in enumerate(pages)))


def form_of(config: RetrievalConfig) -> dict[str, Any]:
    """The fields of a request; `docling_params` of the configuration wins over all others."""
    form: dict[str, Any] = {
        "to_formats": "md",
        "image_export_mode": "placeholder",
        "md_page_break_placeholder": PAGE_BREAK,
        "do_ocr": config.docling_do_ocr,
        "force_ocr": config.docling_force_ocr,
        "pdf_backend": config.docling_pdf_backend,
        "table_mode": config.docling_table_mode,
        "pipeline": config.docling_pipeline,
    }
    if config.docling_do_ocr and config.docling_ocr_engine:
        form["ocr_engine"] = config.docling_ocr_engine
        form["ocr_lang"] = [each.strip() for each in config.docling_ocr_lang.split(",") if each.strip()]
    if config.docling_do_picture_description:
        form["do_picture_description"] = True
        mode = config.docling_picture_description_mode.lower()
        if mode in ("local", "api"):
            form[f"picture_description_{mode}"] = getattr(config, f"docling_picture_description_{mode}")
    form |= config.docling_params
    return {name: _field(value) for name, value in form.items() if value not in ("", None, [], {})}


def _field(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, dict) else value
