import { keepPreviousData, queryOptions } from '@tanstack/svelte-query';
import { api, call } from '#lib/api/client.ts';
import { forEach } from '#lib/api/each.ts';
import { queryClient } from '#lib/api/queries.ts';
import type { Sort } from '#lib/ui/table.ts';
import { ARCHIVED } from '../list/lists.ts';
import { toggleArchived } from '../list/places.ts';
import { refreshSidebar } from '../list/queries.svelte.ts';

/** How many chats the server puts on a page. */
export const PAGE_SIZE = 60;

export type ArchiveFilter = { query: string; sort: Sort; page: number };

/** A page of the archive. */
export const archivedQuery = ({ query, sort, page }: ArchiveFilter) =>
  queryOptions({
    queryKey: [...ARCHIVED, { query, sort, page }],
    queryFn: ({ signal }) =>
      call(
        api.GET('/api/v1/chats/archived', {
          params: { query: { page, query: query || null, order_by: sort.key, direction: sort.direction } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });

/** Takes chats out of the archive, back to the list. */
export async function restore(ids: readonly string[]): Promise<void> {
  await forEach(ids, toggleArchived);
  await refreshSidebar();
}

/** Takes every chat out of the archive. */
export async function restoreAll(): Promise<void> {
  await call(api.POST('/api/v1/chats/unarchive/all'));
  await refreshSidebar();
}

/** Deletes chats of the archive for good. */
export async function deleteArchived(ids: readonly string[]): Promise<void> {
  await forEach(ids, (id) => call(api.DELETE('/api/v1/chats/{id}', { params: { path: { id } } })));
  await queryClient.invalidateQueries({ queryKey: ARCHIVED });
}
