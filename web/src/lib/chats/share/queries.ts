import { queryOptions } from '@tanstack/svelte-query';
import { free, part } from '#lib/api/free.ts';
import { queryClient } from '#lib/api/queries.ts';
import type { Chat } from '../types.ts';

/** A chat with how it is shared. */
export type Shareable = Chat & { share_id?: string | null };

const at = (id: string) => `/api/v1/chats/${part(id)}`;
const key = (id: string) => ['share', id] as const;

/** Whether a chat is shared, and what it says now. */
export const shareQuery = (id: string) =>
  queryOptions({ queryKey: key(id), queryFn: ({ signal }) => free.get<Shareable>(at(id), { signal }), staleTime: 0 });

/** A chat as it was when it was shared. */
export const sharedQuery = (shareId: string) =>
  queryOptions({
    queryKey: ['shared', shareId],
    queryFn: ({ signal }) => free.get<Shareable | null>(`/api/v1/chats/share/${part(shareId)}`, { signal }),
  });

/** Shares a chat, or renews what the link shows; returns the link's id. */
export async function share(id: string): Promise<string> {
  const answer = await free.post<Shareable>(`${at(id)}/share`);
  const shareId = answer.share_id ?? answer.id;
  queryClient.setQueryData<Shareable>(key(id), (chat) => chat && { ...chat, share_id: shareId });
  return shareId;
}

/** Ends the link: who opens it then finds nothing. */
export async function unshare(id: string): Promise<void> {
  await free.remove(`${at(id)}/share`);
  queryClient.setQueryData<Shareable>(key(id), (chat) => chat && { ...chat, share_id: null });
}

/** Makes a shared chat one's own and returns its id. */
export async function cloneShared(shareId: string): Promise<string> {
  return (await free.post<Chat>(`/api/v1/chats/${part(shareId)}/clone/shared`)).id;
}
