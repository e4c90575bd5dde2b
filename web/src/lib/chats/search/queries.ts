import { keepPreviousData, queryOptions } from '@tanstack/svelte-query';
import { free } from '#lib/api/free.ts';
import type { ChatHead } from '../list/grouping.ts';

/** Chats whose titles or messages have these words; `tag:`, `folder:`, `pinned:`, `archived:` and `shared:` narrow it. */
export const searchQuery = (text: string) =>
  queryOptions({
    queryKey: ['chats', 'search', text],
    queryFn: ({ signal }) => free.get<ChatHead[]>('/api/v1/chats/search', { query: { text, page: 1 }, signal }),
    enabled: text !== '',
    placeholderData: text === '' ? undefined : keepPreviousData,
    staleTime: 5000,
  });
