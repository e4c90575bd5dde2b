import { keepPreviousData, queryOptions } from '@tanstack/svelte-query';
import { api, call } from '#lib/api/client.ts';

/** Chats whose titles or messages have these words; `tag:`, `folder:`, `pinned:`, `archived:` and `shared:` narrow it. */
export const searchQuery = (text: string) =>
  queryOptions({
    queryKey: ['chats', 'search', text],
    queryFn: ({ signal }) => call(api.GET('/api/v1/chats/search', { params: { query: { text, page: 1 } }, signal })),
    enabled: text !== '',
    placeholderData: text === '' ? undefined : keepPreviousData,
    staleTime: 5000,
  });
