import { queryOptions } from '@tanstack/svelte-query';
import { api, call } from '#lib/api/client.ts';
import { queryClient } from '#lib/api/queries.ts';
import type { paths } from '#lib/api/schema.d.ts';
import { changeSettings } from '#lib/settings/change.ts';

export type AdminConfig = paths['/api/v1/auths/admin/config']['post']['requestBody']['content']['application/json'];

/** The server's settings of accounts. */
export const adminConfigQuery = queryOptions({
  queryKey: ['admin', 'config'],
  queryFn: async () => (await call(api.GET('/api/v1/auths/admin/config'))) as AdminConfig,
});

export async function saveAdminConfig(change: Partial<AdminConfig>): Promise<void> {
  await changeSettings<AdminConfig>(
    adminConfigQuery.queryKey,
    change,
    async (body) => (await call(api.POST('/api/v1/auths/admin/config', { body }))) as AdminConfig,
  );
  void queryClient.invalidateQueries({ queryKey: ['config'] });
}
