import { keepPreviousData, queryOptions } from '@tanstack/svelte-query';
import { api, call } from '#lib/api/client.ts';

/** People whose name or e-mail address has these words; the first ones without words. */
export const peopleQuery = (query: string) =>
  queryOptions({
    queryKey: ['people', query],
    queryFn: async ({ signal }) =>
      (await call(api.GET('/api/v1/users/search', { params: { query: query ? { query } : {} }, signal }))).users,
    placeholderData: keepPreviousData,
  });
