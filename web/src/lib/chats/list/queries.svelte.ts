import { infiniteQueryOptions, queryOptions } from '@tanstack/svelte-query';
import { SvelteSet } from 'svelte/reactivity';
import { api, call } from '#lib/api/client.ts';
import { kept } from '#lib/api/kept.ts';
import { queryClient } from '#lib/api/queries.ts';
import { m } from '#lib/paraglide/messages.js';
import { notifyError, offerUndo } from '#lib/ui/toast.ts';
import { forgetChat } from '../cache.ts';
import { onTop, withFreshFirst, type ChatHead } from './grouping';
import {
  changePages,
  everywhere,
  folderOf,
  inFolder,
  isPinned,
  listed,
  MAIN,
  PINNED,
  refreshLists,
  takeOut,
  type FolderList,
  type Pages,
} from './lists';

export { listed } from './lists';

/** How many chats the server puts on a page. */
const PAGE_SIZE = 60;
/** The least that a full page of a folder has. */
const FOLDER_PAGE = 10;

/** Chats taken off the list while the server has not been told yet. */
export const deleting = new SvelteSet<string>();

const fetchPage = (page: number): Promise<ChatHead[]> =>
  call(api.GET('/api/v1/chats/', { params: { query: { page } } }));

/** The chats that are neither pinned nor in a folder, newest first. Kept fresh by events and `refreshChats`. */
export const chatsQuery = infiniteQueryOptions({
  queryKey: MAIN,
  queryFn: ({ pageParam }) => fetchPage(pageParam),
  initialPageParam: 1,
  getNextPageParam: (last, _pages, page) => (last.length < PAGE_SIZE ? undefined : page + 1),
  staleTime: Infinity,
  refetchOnMount: false,
  ...kept<Pages>(MAIN),
});

export const pinnedQuery = queryOptions({
  queryKey: PINNED,
  queryFn: ({ signal }) => call(api.GET('/api/v1/chats/pinned', { signal })),
  ...kept<ChatHead[]>(PINNED),
});

const fetchFolder = (id: string, page: number, signal: AbortSignal | null = null): Promise<ChatHead[]> =>
  call(
    api.GET('/api/v1/chats/folder/{folder_id}/list', { params: { path: { folder_id: id }, query: { page } }, signal }),
  );

/** The newest chats of a folder; `moreOfFolder` loads the older ones. */
export const folderChatsQuery = (id: string) =>
  queryOptions({
    queryKey: inFolder(id),
    queryFn: async ({ signal }): Promise<FolderList> => {
      const chats = await fetchFolder(id, 1, signal);
      return { chats, page: 1, more: chats.length >= FOLDER_PAGE };
    },
  });

/** Loads the next page of a folder; a page without anything new is the end. */
export async function moreOfFolder(id: string): Promise<void> {
  const list = queryClient.getQueryData<FolderList>(inFolder(id));
  if (!list) return;
  try {
    const page = await fetchFolder(id, list.page + 1);
    const known = list.chats.map((chat) => chat.id);
    const added = page.filter((chat) => !known.includes(chat.id));
    queryClient.setQueryData<FolderList>(inFolder(id), {
      chats: [...list.chats, ...added],
      page: list.page + 1,
      more: added.length >= FOLDER_PAGE,
    });
  } catch (error) {
    notifyError(m.chats_failed(), error, () => void moreOfFolder(id));
  }
}

/** Reads the first page of the main list again; later pages stay as they are. */
export async function refreshChats(): Promise<void> {
  if (!queryClient.getQueryData(MAIN)) return;
  const fresh = await fetchPage(1);
  // A page that is not full is the last one.
  changePages((pages) => withFreshFirst(fresh.length < PAGE_SIZE ? pages.slice(0, 1) : pages, fresh));
}

/** Reads every list again, as after a lost connection; a failure leaves them as they are. */
export async function refreshSidebar(): Promise<void> {
  await Promise.all([refreshLists(), refreshChats().catch(() => undefined)]);
}

/** Puts a chat on top of the main list: a new one, or one with a new message. */
export function putOnTop(chat: ChatHead): void {
  changePages((pages) => onTop(pages, chat));
}

/** Moves a listed chat to the top of its list because something happened in it now. */
export function touchChat(id: string): void {
  const chat = listed(id);
  if (!chat) return;
  const now = { ...chat, updated_at: Math.floor(Date.now() / 1000) };
  if (!isPinned(id) && folderOf(id) === null) putOnTop(now);
  else everywhere((chats) => (chats.some((one) => one.id === id) ? [now, ...chats.filter((o) => o.id !== id)] : chats));
}

/** Shows a chat's new title, as after the event `chat:title`. */
export function setTitle(id: string, title: string): void {
  everywhere((chats) => chats.map((chat) => (chat.id === id ? { ...chat, title } : chat)));
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

async function remove(chats: readonly ChatHead[]): Promise<void> {
  for (const chat of chats) {
    try {
      // Outlives the page: this also runs when the page is being closed.
      await call(api.DELETE('/api/v1/chats/{id}', { params: { path: { id: chat.id } }, keepalive: true }));
      takeOut(new Set([chat.id]));
      forgetChat(chat.id);
    } catch (error) {
      notifyError(m.chats_delete_failed(), error, () => deleteChats([chat]));
    } finally {
      deleting.delete(chat.id);
    }
  }
}

/** Takes chats off the list; the server is told when the person has let the chance to undo pass. */
export function deleteChats(chats: readonly ChatHead[], onundo?: () => void): void {
  const [first] = chats;
  if (!first) return;
  for (const chat of chats) deleting.add(chat.id);
  const text =
    chats.length === 1 ? m.chats_deleted({ title: first.title }) : m.chats_deleted_many({ count: chats.length });
  offerUndo(text, {
    commit: () => void remove(chats),
    undo: () => {
      for (const chat of chats) deleting.delete(chat.id);
      onundo?.();
    },
  });
}
