import { queryOptions } from '@tanstack/svelte-query';
import { api, call } from '#lib/api/client.ts';
import { queryClient } from '#lib/api/queries.ts';
import { configOf, toForm, type Connection, type ConnectionsForm } from './connections';

/** The connections to model providers; keys are masked. */
export const connectionsQuery = queryOptions({
  queryKey: ['admin', 'connections'],
  queryFn: async () => (await call(api.GET('/openai/config'))) as ConnectionsForm,
});

/** Stores the connections, and has the models read again. */
export async function saveConnections(connections: readonly Connection[], enabled = true): Promise<void> {
  const saved = await call(api.POST('/openai/config/update', { body: toForm(connections, enabled) }));
  queryClient.setQueryData(connectionsQuery.queryKey, saved as ConnectionsForm);
  void queryClient.invalidateQueries({ queryKey: ['models'] });
}

/** The models the provider offers with these settings. Throws `ApiError` with the reason when it cannot be used. */
export async function verify(connection: Connection): Promise<string[]> {
  const { url, key } = connection;
  const body = { url: url.trim(), key: key.trim(), config: configOf(connection) };
  const answer: unknown = await call(api.POST('/openai/verify', { body }));
  const models = typeof answer === 'object' && answer !== null && 'data' in answer ? answer.data : answer;
  return Array.isArray(models) ? models.flatMap((model: { id?: unknown }) => (model.id ? [String(model.id)] : [])) : [];
}
