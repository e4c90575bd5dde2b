import { queryOptions } from '@tanstack/svelte-query';
import { api, call, type Schemas } from '#lib/api/client.ts';
import { forEach } from '#lib/api/each.ts';
import { queryClient } from '#lib/api/queries.ts';
import { isMoving } from './listed.ts';

export type StoredFile = Schemas['FileModelResponse'];

export const FILES = ['files'] as const;
const LIST = [...FILES, 'list'] as const;

/** How often lists are read while files move, in milliseconds: events tell sooner, where none is missed. */
export const TOLD_MS = 10_000;

const at = (id: string) => ({ params: { path: { id } } });

/** All files of this person, newest first. */
export const filesQuery = queryOptions({
  queryKey: LIST,
  queryFn: ({ signal }) => call(api.GET('/api/v1/files/', { params: { query: { content: false } }, signal })),
  refetchInterval: ({ state }) => (state.data?.some(isMoving) ? TOLD_MS : false),
});

/** Has everything that shows files read again. */
export function rereadFiles(): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: FILES });
}

export async function deleteFile(id: string): Promise<void> {
  await call(api.DELETE('/api/v1/files/{id}', at(id)));
}

/** Deletes files, wherever they are used, and has lists show it. */
export async function deleteFiles(files: readonly { id: string }[]): Promise<void> {
  const ids = files.map(({ id }) => id);
  await forEach(ids, deleteFile).finally(rereadFiles);
}

/** Has files read and indexed again, wherever they are. */
export async function reindexFiles(files: readonly { id: string }[]): Promise<void> {
  const ids = files.map(({ id }) => id);
  const again = (file_id: string) => call(api.POST('/api/v1/retrieval/process/file', { body: { file_id } }));
  await forEach(ids, again).finally(rereadFiles);
}

/** The text that was read from a file, or that somebody wrote in its place. */
export const textQuery = (id: string) =>
  queryOptions({
    queryKey: [...FILES, 'text', id],
    queryFn: async ({ signal }) =>
      (await call(api.GET('/api/v1/files/{id}/data/content', { ...at(id), signal }))).content,
    staleTime: 0,
  });

/** The same text in pieces that know their page, headings and sheet. */
export const segmentsQuery = (id: string) =>
  queryOptions({
    queryKey: [...FILES, 'segments', id],
    queryFn: ({ signal }) => call(api.GET('/api/v1/files/{id}/data/segments', { ...at(id), signal })),
    staleTime: 0,
  });

/** Writes the text of a file anew, and has it indexed. */
export async function saveText(id: string, content: string): Promise<void> {
  await call(api.POST('/api/v1/files/{id}/data/content/update', { ...at(id), body: { content } }));
  await rereadFiles();
}

/** Where a browser finds the bytes; `download` has it save them. */
export const contentUrl = (id: string, download = false): string =>
  `/api/v1/files/${id}/content${download ? '?attachment=true' : ''}`;
