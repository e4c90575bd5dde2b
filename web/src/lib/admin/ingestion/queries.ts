import { queryOptions } from '@tanstack/svelte-query';
import { api, call, type Schemas } from '#lib/api/client.ts';
import { queryClient } from '#lib/api/queries.ts';

/** Sizes in bytes, times in epoch seconds, progress in percent. */
export type Ingestion = Schemas['IngestionState'];

const INGESTION = ['admin', 'ingestion'] as const;
/** How often it is looked at: while something moves, and otherwise; in milliseconds. */
const MOVING_MS = 2500;
const QUIET_MS = 20_000;

export const ingestionQuery = queryOptions({
  queryKey: INGESTION,
  queryFn: ({ signal }) => call(api.GET('/api/v1/retrieval/ingestion', { signal })),
  refetchInterval: ({ state }) =>
    state.data && (state.data.queued || state.data.running.length) ? MOVING_MS : QUIET_MS,
});

/** Has files that failed tried again, all of them without `ids`; returns how many. */
export async function retryFailed(ids?: string[]): Promise<number> {
  const { count } = await call(api.POST('/api/v1/retrieval/ingestion/retry', { body: { file_ids: ids ?? null } }));
  await queryClient.invalidateQueries({ queryKey: INGESTION });
  return count;
}
