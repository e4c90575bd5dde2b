"""What an admin sets of documents and of the web: the contract's fields of /api/v1/retrieval/config, in small letters.

Clients name them in capitals. Secrets are sealed, see `shared.retrieval.settings`.
"""

from typing import Any, Literal

from pydantic import ConfigDict, Field, model_validator

from shared.deferred import Deferred

LONGEST_TEMPLATE = 20_000


class Named(Deferred):
    """Fields that clients name in capitals. A field left out, or null where it cannot be, keeps its value."""

    model_config = ConfigDict(alias_generator=str.upper, populate_by_name=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _given(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        given = {}
        for name, value in data.items():
            field = cls.model_fields.get(name.lower())
            nullable = field is not None and field.default is None
            if value == "" and nullable:
                value = None
            if value is not None or nullable:
                given[name] = value
        return given


class WebConfig(Named):
    """Web search and the loading of pages. `web_search_domain_filter_list`: only these domains; with `!` not these.

    Engines of searches: see `shared.retrieval.web.engines`. The time-out of Playwright is in milliseconds.
    """

    enable_web_search: bool = False
    web_search_engine: str = ""
    web_search_trust_env: bool = False
    web_search_result_count: int = Field(3, ge=1, le=100)
    web_search_concurrent_requests: int = Field(10, ge=1, le=100)
    web_search_domain_filter_list: list[str] = Field(default_factory=list, max_length=1000)
    bypass_web_search_embedding_and_retrieval: bool = False
    bypass_web_search_web_loader: bool = False
    ollama_cloud_web_search_api_key: str = ""
    searxng_query_url: str = ""
    yacy_query_url: str = ""
    yacy_username: str = ""
    yacy_password: str = ""
    google_pse_api_key: str = ""
    google_pse_engine_id: str = ""
    brave_search_api_key: str = ""
    kagi_search_api_key: str = ""
    mojeek_search_api_key: str = ""
    bocha_search_api_key: str = ""
    serpstack_api_key: str = ""
    serpstack_https: bool = True
    serper_api_key: str = ""
    serply_api_key: str = ""
    tavily_api_key: str = ""
    searchapi_api_key: str = ""
    searchapi_engine: str = ""
    serpapi_api_key: str = ""
    serpapi_engine: str = ""
    jina_api_key: str = ""
    bing_search_v7_endpoint: str = "https://api.bing.microsoft.com/v7.0/search"
    bing_search_v7_subscription_key: str = ""
    exa_api_key: str = ""
    perplexity_api_key: str = ""
    perplexity_model: str = "sonar"
    perplexity_search_context_usage: str = "medium"
    sougou_api_sid: str = ""
    sougou_api_sk: str = ""
    external_web_search_url: str = ""
    external_web_search_api_key: str = ""
    web_loader_engine: str = ""
    web_loader_concurrent_requests: int = Field(10, ge=1, le=50)
    enable_web_loader_ssl_verification: bool = True
    playwright_ws_url: str = ""
    playwright_timeout: int = Field(10_000, ge=0)
    firecrawl_api_key: str = ""
    firecrawl_api_base_url: str = "https://api.firecrawl.dev"
    tavily_extract_depth: str = "basic"
    external_web_loader_url: str = ""
    external_web_loader_api_key: str = ""
    youtube_loader_language: list[str] = Field(default_factory=lambda: ["en"], max_length=20)
    youtube_loader_proxy_url: str = ""
    youtube_loader_translation: str | None = None
    enable_web_loader_private_addresses: bool = Field(
        False, description="Whether pages in private networks may be loaded; the cloud's metadata never is."
    )
    web_loader_sitemap_pages: int = Field(50, ge=1, le=500, description="Pages of a sitemap that are loaded at most.")


class RetrievalConfig(Named):
    """Extraction, splitting, files, search and answers.

    `chunk_size` and `chunk_overlap` in characters, or tokens with the splitter `token`; `file_max_size` in MB;
    `file_max_count` files that one message may bring, knowledge and pages not counted: how many there are in a
    knowledge base, or go into the drop folder, is not limited. `allowed_file_extensions` of what is to be read.
    `pdf_extract_images`: images on pages that have text are read by OCR too, on 200 pages of a document at most;
    with `pdf_image_model` that model describes them in place of OCR.
    `relevance_threshold` from 0 to 1; `hybrid_bm25_weight` from 0 (vectors only) to 1 (words only).
    """

    rag_template: str = Field("", max_length=LONGEST_TEMPLATE)
    top_k: int = Field(3, ge=1, le=100)
    bypass_embedding_and_retrieval: bool = False
    rag_full_context: bool = False
    enable_rag_hybrid_search: bool = True
    top_k_reranker: int = Field(3, ge=1, le=100)
    relevance_threshold: float = Field(0.0, ge=0, le=1)
    hybrid_bm25_weight: float = Field(0.5, ge=0, le=1)
    rag_fusion: Literal["rrf", "weighted"] = Field(
        "rrf", description="How words and vectors are joined: by rank, or by score with HYBRID_BM25_WEIGHT."
    )

    content_extraction_engine: str = ""
    pdf_extract_images: bool = False
    pdf_image_model: str = Field("", max_length=300, description="The id of a model that sees; empty: OCR.")
    datalab_marker_api_key: str = ""
    datalab_marker_api_base_url: str = ""
    datalab_marker_additional_config: str = ""
    datalab_marker_skip_cache: bool = False
    datalab_marker_force_ocr: bool = False
    datalab_marker_paginate: bool = False
    datalab_marker_strip_existing_ocr: bool = False
    datalab_marker_disable_image_extraction: bool = False
    datalab_marker_format_lines: bool = False
    datalab_marker_use_llm: bool = False
    datalab_marker_output_format: str = "markdown"
    external_document_loader_url: str = ""
    external_document_loader_api_key: str = ""
    tika_server_url: str = ""
    docling_server_url: str = ""
    docling_params: dict[str, Any] = Field(default_factory=dict)
    docling_do_ocr: bool = True
    docling_force_ocr: bool = False
    docling_ocr_engine: str = "tesseract"
    docling_ocr_lang: str = "eng,fra,deu,spa"
    docling_pdf_backend: str = "dlparse_v4"
    docling_table_mode: str = "accurate"
    docling_pipeline: str = "standard"
    docling_do_picture_description: bool = False
    docling_picture_description_mode: str = ""
    docling_picture_description_local: dict[str, Any] = Field(default_factory=dict)
    docling_picture_description_api: dict[str, Any] = Field(default_factory=dict)
    document_intelligence_endpoint: str = ""
    document_intelligence_key: str = ""
    mistral_ocr_api_key: str = ""
    mineru_api_mode: str = "local"
    mineru_api_url: str = ""
    mineru_api_key: str = ""
    mineru_params: dict[str, Any] = Field(default_factory=dict)

    rag_reranking_engine: str = Field("", description="Empty: a local ONNX model; external: an endpoint; bedrock.")
    rag_reranking_model: str = Field("", description="Empty: nothing is reranked.")
    rag_external_reranker_url: str = ""
    rag_external_reranker_api_key: str = ""

    text_splitter: Literal["", "character", "token", "markdown", "semantic"] = ""
    chunk_size: int = Field(1000, ge=50, le=20_000)
    chunk_overlap: int = Field(100, ge=0, le=10_000)

    file_max_size: int | None = Field(None, ge=1, le=5000)
    file_max_count: int | None = Field(None, ge=1, le=10_000)
    file_image_compression_width: int | None = Field(None, ge=1, le=20_000)
    file_image_compression_height: int | None = Field(None, ge=1, le=20_000)
    allowed_file_extensions: list[str] = Field(default_factory=list, max_length=1000)
    drop_folder_owner: str = Field("", description="The id of whoever owns knowledge that the drop folder makes.")

    enable_google_drive_integration: bool = False
    enable_onedrive_integration: bool = False

    web: WebConfig = Field(default_factory=WebConfig, alias="web")
