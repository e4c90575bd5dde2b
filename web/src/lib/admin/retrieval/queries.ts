import { queryOptions } from '@tanstack/svelte-query';
import { api, call, type Schemas } from '#lib/api/client.ts';
import { queryClient } from '#lib/api/queries.ts';
import { changeSettings } from '#lib/settings/change.ts';

/** The contract's settings of documents and of the web. Secrets come masked; a mask sent back keeps the secret. */
export type RetrievalConfig = Schemas['ConfigResponse'];
export type WebConfig = NonNullable<RetrievalConfig['web']>;
export type Embedding = Schemas['EmbeddingResponse'];
export type Chunk = Schemas['TriedChunk'];
/** A change of single fields, by the contract's names. */
export type Change = Record<string, unknown>;

const CONFIG = ['admin', 'retrieval'] as const;
const EMBEDDING = [...CONFIG, 'embedding'] as const;
/** How often a model that is being fetched is asked for, in milliseconds. */
const FETCHING_MS = 2000;

export const retrievalQuery = queryOptions({
  queryKey: CONFIG,
  queryFn: ({ signal }) => call(api.GET('/api/v1/retrieval/config', { signal })),
});

/** The embedding model that is wanted, and the one that answers. Asked again while it changes. */
export const embeddingQuery = queryOptions({
  queryKey: EMBEDDING,
  queryFn: ({ signal }) => call(api.GET('/api/v1/retrieval/embedding', { signal })),
  refetchInterval: ({ state }) => {
    const now = state.data?.state;
    return now && (now.building || now.local_model?.status === 'fetching') ? FETCHING_MS : false;
  },
});

/** What is left out stays as it is. */
const post = (body: Change) =>
  call(api.POST('/api/v1/retrieval/config/update', { body: body as Schemas['ConfigForm'] }));

export function saveRetrieval(change: Change): Promise<void> {
  return changeSettings<RetrievalConfig>(CONFIG, change as Partial<RetrievalConfig>, () => post(change));
}

export async function saveWeb(change: Change): Promise<void> {
  const changed = ({ web }: RetrievalConfig) => ({ web: { ...web, ...change } as WebConfig });
  await changeSettings<RetrievalConfig>(CONFIG, changed, () => post({ web: change }));
  await queryClient.invalidateQueries({ queryKey: ['config'] });
}

/** Chooses an embedding model; with another one everything is indexed anew. */
export async function saveEmbedding(form: Schemas['EmbeddingForm']): Promise<void> {
  queryClient.setQueryData<Embedding>(
    EMBEDDING,
    await call(api.POST('/api/v1/retrieval/embedding/update', { body: form })),
  );
}

/** Cuts a text as the settings say; with a question, says how well each chunk answers it. */
export function tryText(text: string, query: string, signal: AbortSignal): Promise<Schemas['Tried']> {
  return call(api.POST('/api/v1/retrieval/try', { body: { text, query }, signal }));
}

/** Searches the web as an answer would. */
export function tryWeb(query: string, signal: AbortSignal): Promise<Schemas['SearchedWeb']> {
  return call(api.POST('/api/v1/retrieval/process/web/search', { body: { queries: [query] }, signal }));
}
