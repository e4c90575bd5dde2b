import { queryOptions } from '@tanstack/svelte-query';
import { api, call, type Schemas } from '#lib/api/client.ts';
import { queryClient } from '#lib/api/queries.ts';

/** A word that chats are found by; `id` is what `tag:` in a search takes. */
export type Tag = Schemas['TagModel'];

const TAGS = '/api/v1/chats/{id}/tags';
const at = (id: string) => ({ path: { id } });
const key = (chatId: string) => ['tags', chatId] as const;

/** Every tag of this person. */
export const allTagsQuery = queryOptions({
  queryKey: ['tags'],
  queryFn: ({ signal }) => call(api.GET('/api/v1/chats/all/tags', { signal })),
});

/** The tags of a chat. */
export const tagsQuery = (chatId: string) =>
  queryOptions({
    queryKey: key(chatId),
    queryFn: ({ signal }) => call(api.GET(TAGS, { params: at(chatId), signal })),
  });

async function keep(chatId: string, tags: Promise<Tag[]>): Promise<void> {
  queryClient.setQueryData<Tag[]>(key(chatId), await tags);
  await queryClient.invalidateQueries({ queryKey: allTagsQuery.queryKey, exact: true });
}

export const addTag = (chatId: string, name: string) =>
  keep(chatId, call(api.POST(TAGS, { params: at(chatId), body: { name } })));

export const removeTag = (chatId: string, name: string) =>
  keep(chatId, call(api.DELETE(TAGS, { params: at(chatId), body: { name } })));
