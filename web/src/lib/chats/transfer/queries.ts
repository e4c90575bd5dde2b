import { queryOptions } from '@tanstack/svelte-query';
import { free, part } from '#lib/api/free.ts';
import { queryClient } from '#lib/api/queries.ts';
import { upload, type UploadForm } from './upload.ts';

/** How far an import or an export has got. Bytes, counts, epoch seconds. */
export type Job = {
  id: string;
  state: 'waiting' | 'running' | 'interrupted' | 'done' | 'failed' | 'stopped';
  filename?: string | null;
  size: number;
  bytes_done: number;
  imported: number;
  skipped: number;
  failed: number;
  failures: { name: string; reason: string }[];
  chats: number;
  total: number;
  error?: string | null;
  created_at: number;
  files?: { name: string; size: number; url: string }[];
};

type Kind = 'imports' | 'exports';

const PATHS: Record<Kind, string> = { imports: '/api/v1/chats/imports', exports: '/api/v1/exports' };
/** How often a job that is under way is asked after, in milliseconds. */
const OFTEN = 1500;

export const working = (job: Job) => job.state === 'running' || job.state === 'waiting';

/** The person's imports or exports of the last week, newest first; read again while one is under way. */
export const jobsQuery = (kind: Kind) =>
  queryOptions({
    queryKey: ['transfer', kind],
    queryFn: ({ signal }) => free.get<Job[]>(PATHS[kind], { signal }),
    refetchInterval: ({ state }) => (state.data?.some((job) => job.state === 'running') ? OFTEN : false),
  });

const reread = (kind: Kind) => queryClient.invalidateQueries({ queryKey: ['transfer', kind] });

/** Uploads a file of chats and has it worked off; it goes on when the page is closed after that. */
export async function importFile(file: File, onprogress: (bytes: number) => void, signal: AbortSignal): Promise<void> {
  const job = await free.post<Job & { upload: UploadForm }>(PATHS.imports, { filename: file.name, size: file.size });
  try {
    await upload(job.upload, file, onprogress, signal);
  } catch (error) {
    await removeJob('imports', job.id).catch(() => undefined);
    throw error;
  }
  await startImport(job.id);
}

/** Starts an import, or goes on with one that was interrupted. */
export async function startImport(id: string): Promise<void> {
  await free.post(`${PATHS.imports}/${part(id)}/start`);
  await reread('imports');
}

/** Has everything of this person put into files. */
export async function startExport(): Promise<void> {
  await free.post(PATHS.exports);
  await reread('exports');
}

/** Stops a job, or forgets one that has ended. */
export async function removeJob(kind: Kind, id: string): Promise<void> {
  await free.remove(`${PATHS[kind]}/${part(id)}`);
  await reread(kind);
}

/** An export with links that work now. */
export const readExport = (id: string) => free.get<Job>(`${PATHS.exports}/${part(id)}`);
