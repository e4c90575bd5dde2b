import { queryOptions } from '@tanstack/svelte-query';
import { api, call, found } from '#lib/api/client.ts';
import { queryClient } from '#lib/api/queries.ts';
import { normalise } from '../normalise.ts';
import type { Chat } from '../types.ts';

const at = (id: string) => ({ params: { path: { id } } });
const key = (id: string) => ['share', id] as const;

/** The id of a chat's link; null while it is not shared. */
export const shareQuery = (id: string) =>
  queryOptions({
    queryKey: key(id),
    queryFn: async ({ signal }) => (await found(api.GET('/api/v1/chats/{id}', { ...at(id), signal }))).share_id ?? null,
    staleTime: 0,
  });

/** A chat as it was when it was shared. */
export const sharedQuery = (shareId: string) =>
  queryOptions({
    queryKey: ['shared', shareId],
    queryFn: async ({ signal }): Promise<Chat> => {
      const params = { path: { share_id: shareId } };
      const chat = await found(api.GET('/api/v1/chats/share/{share_id}', { params, signal }));
      return normalise(chat as unknown as Chat);
    },
  });

/** Shares a chat, or renews what the link shows. */
export async function share(id: string): Promise<void> {
  const chat = await found(api.POST('/api/v1/chats/{id}/share', at(id)));
  queryClient.setQueryData<string | null>(key(id), chat.share_id ?? chat.id);
}

/** Ends the link: who opens it then finds nothing. */
export async function unshare(id: string): Promise<void> {
  await call(api.DELETE('/api/v1/chats/{id}/share', at(id)));
  queryClient.setQueryData<string | null>(key(id), null);
}

/** Makes a shared chat one's own and returns its id. */
export async function cloneShared(shareId: string): Promise<string> {
  return (await found(api.POST('/api/v1/chats/{id}/clone/shared', at(shareId)))).id;
}
