import { queryOptions } from '@tanstack/svelte-query';
import { api, call } from '#lib/api/client.ts';
import { queryClient } from '#lib/api/queries.ts';
import type { paths } from '#lib/api/schema.d.ts';

export type AdminConfig = paths['/api/v1/auths/admin/config']['post']['requestBody']['content']['application/json'];

/** The server's settings of accounts. */
export const adminConfigQuery = queryOptions({
  queryKey: ['admin', 'config'],
  queryFn: async () => (await call(api.GET('/api/v1/auths/admin/config'))) as AdminConfig,
});

/** Changes some of the settings; the server takes them whole, so the rest goes along. */
export async function saveAdminConfig(change: Partial<AdminConfig>): Promise<void> {
  const before = queryClient.getQueryData(adminConfigQuery.queryKey);
  if (!before) return;
  queryClient.setQueryData(adminConfigQuery.queryKey, { ...before, ...change });
  try {
    const saved = await call(api.POST('/api/v1/auths/admin/config', { body: { ...before, ...change } }));
    queryClient.setQueryData(adminConfigQuery.queryKey, saved as AdminConfig);
    void queryClient.invalidateQueries({ queryKey: ['config'] });
  } catch (error) {
    queryClient.setQueryData(adminConfigQuery.queryKey, before);
    throw error;
  }
}
