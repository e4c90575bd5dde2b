import { queryOptions } from '@tanstack/svelte-query';
import { api, call, type Schemas } from '#lib/api/client.ts';
import { queryClient } from '#lib/api/queries.ts';
import { refreshSidebar } from '../list/queries.svelte';
import { upload } from './upload.ts';

/** How far an import or an export has got. Bytes, counts, epoch seconds. */
export type Job = Schemas['Status'];

type Kind = 'imports' | 'exports';

/** How often a job that is under way is asked after, in milliseconds. */
const OFTEN = 1500;

export const working = (job: Job) => job.state === 'running' || job.state === 'waiting';

const soon = (jobs: Job[] | undefined) => (jobs?.some((job) => job.state === 'running') ? OFTEN : false);
const at = (id: string) => ({ params: { path: { id } } });

/** The person's imports of the last week, newest first; read again while one is under way. */
export const importsQuery = queryOptions({
  queryKey: ['transfer', 'imports'],
  queryFn: ({ signal }) => call(api.GET('/api/v1/chats/imports', { signal })),
  refetchInterval: ({ state }) => soon(state.data),
});

/** The person's exports, with what they have made. */
export const exportsQuery = queryOptions({
  queryKey: ['transfer', 'exports'],
  queryFn: ({ signal }) => call(api.GET('/api/v1/exports', { signal })),
  refetchInterval: ({ state }) => soon(state.data),
});

const reread = (kind: Kind) => queryClient.invalidateQueries({ queryKey: ['transfer', kind] });

/** Uploads a file of chats and has it worked off; it goes on when the page is closed after that. */
export async function importFile(file: File, onprogress: (bytes: number) => void, signal: AbortSignal): Promise<void> {
  const job = await call(api.POST('/api/v1/chats/imports', { body: { filename: file.name, size: file.size } }));
  try {
    await upload(job.upload, file, onprogress, signal);
  } catch (error) {
    await removeImport(job.id).catch(() => undefined);
    throw error;
  }
  await startImport(job.id);
}

/** Starts an import, or goes on with one that was interrupted. */
export async function startImport(id: string): Promise<void> {
  await call(api.POST('/api/v1/chats/imports/{id}/start', at(id)));
  await reread('imports');
  // A small one has ended by now, and was never seen to run.
  await refreshSidebar();
}

/** Stops an import, or forgets one that has ended. */
export async function removeImport(id: string): Promise<void> {
  await call(api.DELETE('/api/v1/chats/imports/{id}', at(id)));
  await reread('imports');
}

/** Has everything of this person put into files. */
export async function startExport(): Promise<void> {
  await call(api.POST('/api/v1/exports'));
  await reread('exports');
}

/** Stops an export, or deletes the files of one that has ended. */
export async function removeExport(id: string): Promise<void> {
  await call(api.DELETE('/api/v1/exports/{id}', at(id)));
  await reread('exports');
}

/** An export with links that work now. */
export const readExport = (id: string) => call(api.GET('/api/v1/exports/{id}', at(id)));
