import { keepPreviousData, queryOptions } from '@tanstack/svelte-query';
import { free } from '#lib/api/free.ts';

export type PersonName = { id: string; name: string };

/** People whose name or e-mail address has these words; the first ones without words. */
export const peopleQuery = (query: string) =>
  queryOptions({
    queryKey: ['people', query],
    queryFn: async ({ signal }) =>
      (
        await free.get<{ users: PersonName[] }>('/api/v1/users/search', {
          query: { query: query || undefined },
          signal,
        })
      ).users,
    placeholderData: keepPreviousData,
  });
