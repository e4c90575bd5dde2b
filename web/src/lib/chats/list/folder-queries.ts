import { queryOptions } from '@tanstack/svelte-query';
import { free, part } from '#lib/api/free.ts';
import { kept } from '#lib/api/kept.ts';
import { queryClient } from '#lib/api/queries.ts';
import { m } from '#lib/paraglide/messages.js';
import { notifyError } from '#lib/ui/toast.ts';
import type { Folder } from './folders.ts';
import { FOLDERS } from './lists.ts';
import { refreshSidebar } from './queries.svelte.ts';

/** What every chat in a folder begins with; unknown fields stay as they are. */
export type FolderData = { system_prompt?: string; model_ids?: string[]; [key: string]: unknown };

const at = (id: string) => `/api/v1/folders/${part(id)}`;

/** This person's folders. */
export const foldersQuery = queryOptions({
  queryKey: FOLDERS,
  queryFn: ({ signal }) => free.get<Folder[]>('/api/v1/folders/', { signal }),
  ...kept<Folder[]>(FOLDERS),
});

/** A folder with what its chats begin with. */
export const folderQuery = (id: string) =>
  queryOptions({
    queryKey: ['folder', id],
    queryFn: ({ signal }) => free.get<Folder & { data?: FolderData | null }>(at(id), { signal }),
  });

function patch(id: string, change: Partial<Folder>): void {
  queryClient.setQueryData<Folder[]>(FOLDERS, (folders) =>
    folders?.map((folder) => (folder.id === id ? { ...folder, ...change } : folder)),
  );
}

const reread = () => queryClient.invalidateQueries({ queryKey: FOLDERS });

/** Changes a folder at once on screen, then on the server; reads the folders again when it refuses. */
async function change(id: string, now: Partial<Folder>, path: string, failure: string): Promise<void> {
  patch(id, now);
  try {
    await free.post(`${at(id)}/${path}`, now);
  } catch (error) {
    await reread();
    notifyError(failure, error, () => void change(id, now, path, failure));
  }
}

/** Opens or shuts a folder, on every device. */
export const expandFolder = (id: string, is_expanded: boolean) =>
  change(id, { is_expanded }, 'update/expanded', m.folders_change_failed());

export const renameFolder = (id: string, name: string) => change(id, { name }, 'update', m.folders_change_failed());

/** Puts a folder into another; `null` is the top. */
export const moveFolder = (id: string, parent_id: string | null) =>
  change(id, { parent_id }, 'update/parent', m.folders_move_failed());

/** Makes a folder, inside `parent` if there is one. Throws when the name is taken. */
export async function createFolder(name: string, data: FolderData, parent: string | null): Promise<void> {
  const made = await free.post<Folder>('/api/v1/folders/', { name, data });
  if (parent !== null) await free.post(`${at(made.id)}/update/parent`, { parent_id: parent });
  await reread();
}

/** Saves a folder's name and what its chats begin with. */
export async function saveFolder(id: string, name: string, data: FolderData): Promise<void> {
  await free.post(`${at(id)}/update`, { name, data });
  await Promise.all([reread(), queryClient.invalidateQueries({ queryKey: ['folder', id] })]);
}

/** Deletes a folder with everything in it. */
export async function deleteFolder(id: string): Promise<void> {
  await free.remove(at(id));
  await refreshSidebar();
}
