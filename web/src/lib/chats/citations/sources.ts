/** What an answer drew on, as the contract stores it on its message: a source with its passages. */
export interface MessageSource {
  source?: { id?: string; name?: string; url?: string; type?: string; [key: string]: unknown };
  document?: string[];
  metadata?: (Record<string, unknown> | null)[];
  /** How well each passage fits the question: 1 is best. */
  distances?: number[];
}

/** A passage that the model was given. */
export interface Passage {
  text: string;
  fileId: string | null;
  /** From 1. */
  page: number | null;
  headings: string[];
  sheet: string | null;
  /** Seconds into a recording. */
  start: number | null;
  /** From 0 to 1; null where nothing was measured. */
  relevance: number | null;
  /** Whether it is only what a search engine says of the page. */
  snippet: boolean;
}

/** A source as the text names it: `[number]`. */
export interface Citation {
  number: number;
  name: string;
  kind: 'file' | 'web' | 'chat' | 'note';
  /** Where it is on the web. */
  url: string | null;
  /** The chat, note or file that it is; null where several files have the same number. */
  id: string | null;
  passages: Passage[];
}

type Fields = Record<string, unknown>;

const text = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');
const number = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);

const webAddress = (...values: unknown[]): string | null =>
  values.map(text).find((value) => /^https?:\/\/[^\s/]/i.test(value)) ?? null;

/**
 * The sources of an answer by number. The contract counts them by where a passage is from (`metadata.source`, else the
 * source's id), in the order in which they stand in the prompt.
 */
export function citationsOf(sources: readonly MessageSource[] | null | undefined): Citation[] {
  const found = new Map<string, Citation>();
  for (const each of Array.isArray(sources) ? (sources as readonly MessageSource[]) : []) {
    const of = (each.source ?? {}) as Fields;
    const own = of.type === 'file' ? { file_id: of.id } : {};
    (each.document ?? []).forEach((words, index) => {
      const metadata: Fields = { ...own, ...each.metadata?.[index] };
      const key = text(metadata.source) || text(of.id) || 'N/A';
      const citation = found.get(key) ?? begun(found.size + 1, of, metadata);
      found.set(key, citation);
      const passage = passageOf(words, metadata, number(each.distances?.[index]));
      if (citation.id !== passage.fileId && citation.kind === 'file') citation.id = null;
      citation.passages.push(passage);
    });
  }
  return [...found.values()];
}

function begun(count: number, of: Fields, metadata: Fields): Citation {
  const url = webAddress(metadata.url, metadata.source, of.url, of.name);
  const kind = of.type === 'chat' || of.type === 'note' ? of.type : url ? 'web' : 'file';
  const title = kind === 'web' ? text(metadata.title) : '';
  return {
    number: count,
    name: title || text(metadata.name) || text(of.name) || text(metadata.source) || text(of.id),
    kind,
    url,
    id: text(metadata.file_id) || (kind === 'chat' || kind === 'note' ? text(of.id) || null : null),
    passages: [],
  };
}

function passageOf(words: string, metadata: Fields, relevance: number | null): Passage {
  const headings = Array.isArray(metadata.headings) ? metadata.headings.map(text).filter(Boolean) : [];
  return {
    text: typeof words === 'string' ? words : '',
    fileId: text(metadata.file_id) || null,
    page: pageOf(metadata),
    headings,
    sheet: text(metadata.sheet) || null,
    start: number(metadata.start),
    relevance: relevance !== null && relevance >= 0 && relevance <= 1 ? relevance : null,
    snippet: metadata.snippet_only === true,
  };
}

/** The page from 1; the contract counts from 0. */
export function pageOf({ page }: Record<string, unknown>): number | null {
  const counted = number(page);
  return counted === null ? null : counted + 1;
}

/** How well the best passage of a source fits. */
export function relevanceOf({ passages }: Citation): number | null {
  const known = passages.flatMap((passage) => passage.relevance ?? []);
  return known.length > 0 ? Math.max(...known) : null;
}
