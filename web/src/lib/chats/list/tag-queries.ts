import { queryOptions } from '@tanstack/svelte-query';
import { free, part } from '#lib/api/free.ts';
import { queryClient } from '#lib/api/queries.ts';

/** A word that chats are found by; `id` is what `tag:` in a search takes. */
export type Tag = { id: string; name: string };

const at = (chatId: string) => `/api/v1/chats/${part(chatId)}/tags`;
const key = (chatId: string) => ['tags', chatId] as const;

/** Every tag of this person. */
export const allTagsQuery = queryOptions({
  queryKey: ['tags'],
  queryFn: ({ signal }) => free.get<Tag[]>('/api/v1/chats/all/tags', { signal }),
});

/** The tags of a chat. */
export const tagsQuery = (chatId: string) =>
  queryOptions({ queryKey: key(chatId), queryFn: ({ signal }) => free.get<Tag[]>(at(chatId), { signal }) });

async function keep(chatId: string, tags: Promise<Tag[]>): Promise<void> {
  queryClient.setQueryData<Tag[]>(key(chatId), await tags);
  await queryClient.invalidateQueries({ queryKey: allTagsQuery.queryKey, exact: true });
}

export const addTag = (chatId: string, name: string) => keep(chatId, free.post<Tag[]>(at(chatId), { name }));

export const removeTag = (chatId: string, name: string) =>
  keep(chatId, free.remove<Tag[]>(at(chatId), { body: { name } }));
