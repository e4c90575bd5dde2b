import { m } from '#lib/paraglide/messages.js';

/** A field of an engine, by the contract's name. */
export interface EngineField {
  name: string;
  label: () => string;
  kind: 'text' | 'secret' | 'number' | 'switch' | 'json';
  hint?: () => string;
}

/** Something that can be chosen for a job, with the fields it needs. */
export interface Engine {
  value: string;
  /** A product's name is the same in every language. */
  label: () => string;
  fields: EngineField[];
}

const address = (name: string, hint?: () => string): EngineField => ({
  name,
  label: m.retrieval_address,
  kind: 'text',
  ...(hint ? { hint } : {}),
});
const key = (name: string): EngineField => ({ name, label: m.retrieval_key, kind: 'secret' });
const flag = (name: string, label: () => string): EngineField => ({ name, label, kind: 'switch' });
const text = (name: string, label: () => string): EngineField => ({ name, label, kind: 'text' });
const named = (label: string) => () => label;

/** What reads documents. */
export const EXTRACTION: Engine[] = [
  {
    value: '',
    label: m.retrieval_built_in,
    fields: [
      flag('PDF_EXTRACT_IMAGES', m.extraction_images),
      { ...text('PDF_IMAGE_MODEL', m.extraction_image_model), hint: m.extraction_image_model_hint },
    ],
  },
  { value: 'tika', label: named('Apache Tika'), fields: [address('TIKA_SERVER_URL')] },
  {
    value: 'docling',
    label: named('Docling'),
    fields: [
      address('DOCLING_SERVER_URL'),
      flag('DOCLING_DO_OCR', m.extraction_ocr),
      flag('DOCLING_FORCE_OCR', m.extraction_force_ocr),
      text('DOCLING_OCR_LANG', m.extraction_languages),
      flag('DOCLING_DO_PICTURE_DESCRIPTION', m.extraction_describe),
      { name: 'DOCLING_PARAMS', label: m.extraction_params, kind: 'json' },
    ],
  },
  {
    value: 'document_intelligence',
    label: named('Azure Document Intelligence'),
    fields: [address('DOCUMENT_INTELLIGENCE_ENDPOINT'), key('DOCUMENT_INTELLIGENCE_KEY')],
  },
  { value: 'mistral_ocr', label: named('Mistral OCR'), fields: [key('MISTRAL_OCR_API_KEY')] },
  {
    value: 'datalab_marker',
    label: named('Datalab Marker'),
    fields: [
      address('DATALAB_MARKER_API_BASE_URL', m.retrieval_address_default),
      key('DATALAB_MARKER_API_KEY'),
      flag('DATALAB_MARKER_FORCE_OCR', m.extraction_force_ocr),
      flag('DATALAB_MARKER_USE_LLM', m.extraction_llm),
    ],
  },
  {
    value: 'external',
    label: m.retrieval_external,
    fields: [address('EXTERNAL_DOCUMENT_LOADER_URL'), key('EXTERNAL_DOCUMENT_LOADER_API_KEY')],
  },
];

/** What searches the web. */
export const SEARCH: Engine[] = [
  { value: 'searxng', label: named('SearXNG'), fields: [address('SEARXNG_QUERY_URL', m.web_searxng_hint)] },
  {
    value: 'google_pse',
    label: named('Google PSE'),
    fields: [key('GOOGLE_PSE_API_KEY'), text('GOOGLE_PSE_ENGINE_ID', m.web_engine_id)],
  },
  { value: 'brave', label: named('Brave'), fields: [key('BRAVE_SEARCH_API_KEY')] },
  { value: 'duckduckgo', label: named('DuckDuckGo'), fields: [] },
  {
    value: 'bing',
    label: named('Bing'),
    fields: [address('BING_SEARCH_V7_ENDPOINT'), key('BING_SEARCH_V7_SUBSCRIPTION_KEY')],
  },
  { value: 'tavily', label: named('Tavily'), fields: [key('TAVILY_API_KEY')] },
  { value: 'serper', label: named('Serper'), fields: [key('SERPER_API_KEY')] },
  {
    value: 'serpstack',
    label: named('Serpstack'),
    fields: [key('SERPSTACK_API_KEY'), flag('SERPSTACK_HTTPS', m.web_https)],
  },
  {
    value: 'searchapi',
    label: named('SearchAPI'),
    fields: [key('SEARCHAPI_API_KEY'), text('SEARCHAPI_ENGINE', m.web_engine)],
  },
  {
    value: 'firecrawl',
    label: named('Firecrawl'),
    fields: [address('FIRECRAWL_API_BASE_URL'), key('FIRECRAWL_API_KEY')],
  },
  {
    value: 'external',
    label: m.retrieval_external,
    fields: [address('EXTERNAL_WEB_SEARCH_URL'), key('EXTERNAL_WEB_SEARCH_API_KEY')],
  },
];

/** What loads the pages that a search finds. */
export const LOADERS: Engine[] = [
  { value: '', label: m.retrieval_built_in, fields: [] },
  {
    value: 'tavily',
    label: named('Tavily'),
    fields: [key('TAVILY_API_KEY'), text('TAVILY_EXTRACT_DEPTH', m.web_depth)],
  },
  {
    value: 'firecrawl',
    label: named('Firecrawl'),
    fields: [address('FIRECRAWL_API_BASE_URL'), key('FIRECRAWL_API_KEY')],
  },
  {
    value: 'external',
    label: m.retrieval_external,
    fields: [address('EXTERNAL_WEB_LOADER_URL'), key('EXTERNAL_WEB_LOADER_API_KEY')],
  },
];

/** What orders passages anew by how well they answer. */
export const RERANKERS: Engine[] = [
  { value: '', label: m.retrieval_local, fields: [] },
  {
    value: 'external',
    label: m.reranker_external,
    fields: [address('RAG_EXTERNAL_RERANKER_URL', m.reranker_address_hint), key('RAG_EXTERNAL_RERANKER_API_KEY')],
  },
  { value: 'bedrock', label: named('Amazon Bedrock'), fields: [] },
];
