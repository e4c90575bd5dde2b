import { queryOptions } from '@tanstack/svelte-query';
import { api, call, found, type Schemas } from '#lib/api/client.ts';
import { kept } from '#lib/api/kept.ts';
import { queryClient } from '#lib/api/queries.ts';
import { m } from '#lib/paraglide/messages.js';
import { notifyError } from '#lib/ui/toast.ts';
import type { MessageFile } from '../types.ts';
import type { Folder } from './folders.ts';
import { FOLDERS } from './lists.ts';
import { refreshSidebar } from './queries.svelte.ts';

/** What every chat in a folder begins with; unknown fields stay as they are. */
export type FolderData = {
  system_prompt?: string;
  model_ids?: string[];
  /** What answers in it draw on. */
  files?: MessageFile[];
  [key: string]: unknown;
};

const at = (id: string) => ({ path: { id } });

/** The changes that the server is being told of. */
let telling: Promise<unknown> = Promise.resolve();

/** This person's folders, as they are after what this tab has changed. */
export const foldersQuery = queryOptions({
  queryKey: FOLDERS,
  queryFn: async ({ signal }) => {
    await telling;
    return call(api.GET('/api/v1/folders/', { signal }));
  },
  ...kept<Folder[]>(FOLDERS),
});

/** A folder with what its chats begin with. */
export const folderQuery = (id: string) =>
  queryOptions({
    queryKey: ['folder', id],
    queryFn: async ({ signal }): Promise<Schemas['FolderModel'] & { data: FolderData }> => {
      const folder = await found(api.GET('/api/v1/folders/{id}', { params: at(id), signal }));
      return { ...folder, data: folder.data ?? {} };
    },
  });

function patch(id: string, change: Partial<Folder>): void {
  queryClient.setQueryData<Folder[]>(FOLDERS, (folders) =>
    folders?.map((folder) => (folder.id === id ? { ...folder, ...change } : folder)),
  );
}

const reread = () => queryClient.invalidateQueries({ queryKey: FOLDERS });

/** Changes a folder at once on screen, then on the server; reads the folders again when it refuses. */
async function change(id: string, now: Partial<Folder>, tell: () => Promise<unknown>, failure: string): Promise<void> {
  // A reading that is under way may have missed the change.
  const missed = queryClient.isFetching({ queryKey: FOLDERS }) > 0;
  patch(id, now);
  const told = tell();
  telling = Promise.allSettled([telling, told]);
  try {
    await told;
    if (missed) await reread();
  } catch (error) {
    await reread();
    notifyError(failure, error, () => void change(id, now, tell, failure));
  }
}

/** Opens or shuts a folder, on every device. */
export function expandFolder(id: string, is_expanded: boolean): Promise<void> {
  const tell = () => call(api.POST('/api/v1/folders/{id}/update/expanded', { params: at(id), body: { is_expanded } }));
  return change(id, { is_expanded }, tell, m.folders_change_failed());
}

export function renameFolder(id: string, name: string): Promise<void> {
  const tell = () => call(api.POST('/api/v1/folders/{id}/update', { params: at(id), body: { name } }));
  return change(id, { name }, tell, m.folders_change_failed());
}

/** Puts a folder into another; `null` is the top. */
export function moveFolder(id: string, parent_id: string | null): Promise<void> {
  const tell = () => call(api.POST('/api/v1/folders/{id}/update/parent', { params: at(id), body: { parent_id } }));
  return change(id, { parent_id }, tell, m.folders_move_failed());
}

/** Makes a folder, inside `parent` if there is one, which is then open. Throws when the name is taken. */
export async function createFolder(name: string, data: FolderData, parent: string | null): Promise<void> {
  await call(api.POST('/api/v1/folders/', { body: { name, data, parent_id: parent } }));
  if (parent !== null) void expandFolder(parent, true);
  await reread();
}

/** Saves a folder's name and what its chats begin with. */
export async function saveFolder(id: string, name: string, data: FolderData): Promise<void> {
  await call(api.POST('/api/v1/folders/{id}/update', { params: at(id), body: { name, data } }));
  await Promise.all([reread(), queryClient.invalidateQueries({ queryKey: ['folder', id] })]);
}

/** Deletes a folder and the folders in it; their chats go too, or back to the main list. */
export async function deleteFolder(id: string, delete_contents: boolean): Promise<void> {
  await call(api.DELETE('/api/v1/folders/{id}', { params: { ...at(id), query: { delete_contents } } }));
  await refreshSidebar();
}
