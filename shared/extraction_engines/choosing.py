"""Which engine reads a file, by the admin's settings."""

from shared.extraction_engines.azure import AzureDocumentIntelligence
from shared.extraction_engines.datalab import DatalabMarker
from shared.extraction_engines.docling import Docling
from shared.extraction_engines.external import ExternalLoader
from shared.extraction_engines.mistral import MistralOcr
from shared.extraction_engines.protocol import Document, Engine, Talk
from shared.extraction_engines.tika import Tika
from shared.retrieval.settings import RetrievalSettings
from shared.segments import Segment
from shared.waiting import result_of

_NAMES = {
    Tika: "Tika",
    Docling: "Docling",
    AzureDocumentIntelligence: "Azure Document Intelligence",
    MistralOcr: "Mistral OCR",
    DatalabMarker: "Datalab Marker",
    ExternalLoader: "The external loader",
}


def engine_for(section: RetrievalSettings, kind: str) -> Engine | None:
    """The engine that an admin chose, if it is set up and reads files of this kind; None: the built-in functions do."""
    engine = _chosen(section)
    return engine if engine is not None and kind in engine.kinds else None


def read(engine: Engine, document: Document, seconds: float) -> list[Segment]:
    """The segments of a document, within `seconds`; raises `EngineTrouble`."""
    return result_of(_read(engine, document, seconds))


async def _read(engine: Engine, document: Document, seconds: float) -> list[Segment]:
    async with Talk(_NAMES.get(type(engine), "The engine"), seconds) as talk:
        return await engine.read(document, talk)


def _chosen(section: RetrievalSettings) -> Engine | None:
    match section.content_extraction_engine:
        case "tika" if section.tika_server_url:
            return Tika(section.tika_server_url, images=section.pdf_extract_images)
        case "docling" if section.docling_server_url:
            return Docling(section)
        case "document_intelligence" if section.document_intelligence_endpoint:
            key = section.secret("document_intelligence_key")
            return AzureDocumentIntelligence(section.document_intelligence_endpoint, key)
        case "mistral_ocr" if key := section.secret("mistral_ocr_api_key"):
            return MistralOcr(key)
        case "datalab_marker" if key := section.secret("datalab_marker_api_key"):
            return DatalabMarker(section, key)
        case "external" if section.external_document_loader_url:
            return ExternalLoader(
                section.external_document_loader_url, section.secret("external_document_loader_api_key")
            )
    return None
