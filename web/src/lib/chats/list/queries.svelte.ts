import { infiniteQueryOptions, type InfiniteData } from '@tanstack/svelte-query';
import { SvelteSet } from 'svelte/reactivity';
import { api, call } from '#lib/api/client.ts';
import { kept } from '#lib/api/kept.ts';
import { queryClient } from '#lib/api/queries.ts';
import { m } from '#lib/paraglide/messages.js';
import { notifyError, offerUndo } from '#lib/ui/toast.ts';
import { onTop, withFreshFirst, type ChatHead } from './grouping';

type Pages = InfiniteData<ChatHead[], number>;

/** How many chats the server puts on a page. */
const PAGE_SIZE = 60;
const CHATS = ['chats', 'list'] as const;

/** Chats taken off the list while the server has not been told yet. */
export const deleting = new SvelteSet<string>();

const fetchPage = async (page: number): Promise<ChatHead[]> =>
  (await call(api.GET('/api/v1/chats/', { params: { query: { page } } }))) as ChatHead[];

/** This person's chats, newest first, page by page. Kept fresh by events and `refreshChats`, not by re-reading pages. */
export const chatsQuery = infiniteQueryOptions({
  queryKey: CHATS,
  queryFn: ({ pageParam }) => fetchPage(pageParam),
  initialPageParam: 1,
  getNextPageParam: (last, _pages, page) => (last.length < PAGE_SIZE ? undefined : page + 1),
  staleTime: Infinity,
  refetchOnMount: false,
  ...kept<Pages>(CHATS),
});

function patch(change: (pages: ChatHead[][]) => ChatHead[][]): void {
  queryClient.setQueryData<Pages>(CHATS, (data) => data && { ...data, pages: change(data.pages) });
}

/** Reads the first page again, as after a lost connection; later pages stay as they are. */
export async function refreshChats(): Promise<void> {
  if (!queryClient.getQueryData(CHATS)) return;
  const fresh = await fetchPage(1);
  patch((pages) => withFreshFirst(pages, fresh));
}

/** Puts a chat on top of the list: a new one, or one with a new message. */
export function putOnTop(chat: ChatHead): void {
  patch((pages) => onTop(pages, chat));
}

/** Moves a listed chat to the top because something happened in it now. */
export function touchChat(id: string): void {
  const chat = listed(id);
  if (chat) putOnTop({ ...chat, updated_at: Math.floor(Date.now() / 1000) });
}

/** Shows a chat's new title, as after the event `chat:title`. */
export function setTitle(id: string, title: string): void {
  patch((pages) => pages.map((page) => page.map((chat) => (chat.id === id ? { ...chat, title } : chat))));
}

/** A chat of the list, if it has been loaded. */
export function listed(id: string): ChatHead | undefined {
  return queryClient
    .getQueryData<Pages>(CHATS)
    ?.pages.flat()
    .find((chat) => chat.id === id);
}

/** Renames a chat at once on screen, then on the server; takes it back when the server refuses. */
export async function renameChat(id: string, title: string): Promise<void> {
  const before = listed(id)?.title;
  setTitle(id, title);
  try {
    await call(api.POST('/api/v1/chats/{id}', { params: { path: { id } }, body: { chat: { title } } }));
  } catch (error) {
    if (before !== undefined) setTitle(id, before);
    notifyError(m.chats_rename_failed(), error, () => void renameChat(id, title));
  }
}

async function remove(chat: ChatHead): Promise<void> {
  try {
    // Outlives the page: this also runs when the page is being closed.
    await call(api.DELETE('/api/v1/chats/{id}', { params: { path: { id: chat.id } }, keepalive: true }));
    patch((pages) => pages.map((page) => page.filter((other) => other.id !== chat.id)));
    queryClient.removeQueries({ queryKey: ['chats', 'one', chat.id] });
  } catch (error) {
    notifyError(m.chats_delete_failed(), error, () => deleteChat(chat));
  } finally {
    deleting.delete(chat.id);
  }
}

/** Takes a chat off the list; the server is told when the person has let the chance to undo pass. */
export function deleteChat(chat: ChatHead, onundo?: () => void): void {
  deleting.add(chat.id);
  offerUndo(m.chats_deleted({ title: chat.title }), {
    commit: () => void remove(chat),
    undo: () => {
      deleting.delete(chat.id);
      onundo?.();
    },
  });
}
