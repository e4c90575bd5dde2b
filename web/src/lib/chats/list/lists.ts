import type { InfiniteData } from '@tanstack/svelte-query';
import { queryClient } from '#lib/api/queries.ts';
import type { ChatHead } from './grouping.ts';

/** The pages of the main list. */
export type Pages = InfiniteData<ChatHead[], number>;

/** The chats of a folder, as far as they have been loaded. */
export type FolderList = { chats: ChatHead[]; page: number; more: boolean };

/** Where each list of chats is kept. */
export const MAIN = ['chats', 'list'] as const;
export const PINNED = ['chats', 'pinned'] as const;
export const ARCHIVED = ['chats', 'archived'] as const;
export const FOLDERS = ['chats', 'folders'] as const;
export const inFolder = (id: string) => ['chats', 'folder', id] as const;

type Change = (chats: ChatHead[]) => ChatHead[];

/** Changes the pages of the main list. */
export function changePages(change: (pages: ChatHead[][]) => ChatHead[][]): void {
  queryClient.setQueryData<Pages>(MAIN, (data) => {
    if (!data) return undefined;
    const pages = change(data.pages);
    return { pages, pageParams: data.pageParams.slice(0, pages.length) };
  });
}

function changePinned(change: Change): void {
  queryClient.setQueryData<ChatHead[]>(PINNED, (chats) => chats && change(chats));
}

function changeFolder(id: string, change: Change): void {
  queryClient.setQueryData<FolderList>(inFolder(id), (list) => list && { ...list, chats: change(list.chats) });
}

/** Changes every list that has been loaded. */
export function everywhere(change: Change): void {
  changePages((pages) => pages.map(change));
  changePinned(change);
  queryClient.setQueriesData<FolderList>(
    { queryKey: ['chats', 'folder'] },
    (list) => list && { ...list, chats: change(list.chats) },
  );
}

/** A chat of any list, if it has been loaded. */
export function listed(id: string): ChatHead | undefined {
  const lists = [
    ...(queryClient.getQueryData<Pages>(MAIN)?.pages ?? []),
    queryClient.getQueryData<ChatHead[]>(PINNED) ?? [],
    ...queryClient.getQueriesData<FolderList>({ queryKey: ['chats', 'folder'] }).map(([, list]) => list?.chats ?? []),
  ];
  return lists.flat().find((chat) => chat.id === id);
}

/** Whether a chat is among the pinned ones. */
export function isPinned(id: string): boolean {
  return (queryClient.getQueryData<ChatHead[]>(PINNED) ?? []).some((chat) => chat.id === id);
}

/** The folder whose loaded chats hold this one; null when none does. */
export function folderOf(id: string): string | null {
  const found = queryClient
    .getQueriesData<FolderList>({ queryKey: ['chats', 'folder'] })
    .find(([, list]) => list?.chats.some((chat) => chat.id === id));
  return found ? String(found[0][2]) : null;
}

/** Takes chats out of every list. */
export function takeOut(ids: ReadonlySet<string>): void {
  everywhere((chats) => (chats.some((chat) => ids.has(chat.id)) ? chats.filter((chat) => !ids.has(chat.id)) : chats));
}

const newestFirst = (a: ChatHead, b: ChatHead) => b.updated_at - a.updated_at;

/** Shows chats in one list and no other: a folder, the pinned ones, or (`null`) the main list. */
export function relist(chats: readonly ChatHead[], place: { folder: string } | 'pinned' | null): void {
  takeOut(new Set(chats.map((chat) => chat.id)));
  const add: Change = (present) => [...present, ...chats].sort(newestFirst);
  if (place === 'pinned') changePinned(add);
  else if (place) changeFolder(place.folder, add);
  else changePages(([first, ...rest]) => [add(first ?? []), ...rest]);
}

/** Keeps readings that are under way from showing chats where they were; `refreshLists` is to follow. */
export function pauseLists(): Promise<unknown> {
  return Promise.all([PINNED, ['chats', 'folder']].map((queryKey) => queryClient.cancelQueries({ queryKey })));
}

/** Reads every list again that is on screen. */
export function refreshLists(): Promise<unknown> {
  return Promise.all([
    queryClient.invalidateQueries({ queryKey: PINNED }),
    queryClient.invalidateQueries({ queryKey: ['chats', 'folder'] }),
    queryClient.invalidateQueries({ queryKey: FOLDERS }),
    queryClient.invalidateQueries({ queryKey: ARCHIVED }),
  ]);
}
