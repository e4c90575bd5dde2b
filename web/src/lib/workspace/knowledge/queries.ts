import { queryOptions } from '@tanstack/svelte-query';
import { api, call, found, type Schemas } from '#lib/api/client.ts';
import { ApiError } from '#lib/api/errors.ts';
import { queryClient } from '#lib/api/queries.ts';
import { isMoving } from '#lib/files/listed.ts';
import { FILES, TOLD_MS } from '#lib/files/queries.ts';
import { gather } from '#lib/files/uploads/gather.ts';
import type { Access } from '../access.ts';

/** A knowledge base in the list. Epoch seconds. */
export type Knowledge = Schemas['KnowledgeUserResponse'];
/** One with all its files. */
export type Whole = Schemas['KnowledgeFilesResponse'];
/** What people say of one. */
export type Draft = { name: string; description: string; access_control: Access };

export const KNOWLEDGE = ['knowledge'] as const;
const LIST = [...KNOWLEDGE, 'list'] as const;
export const oneKey = (id: string) => [...KNOWLEDGE, 'one', id] as const;

const at = (id: string) => ({ params: { path: { id } } });

/** The knowledge bases that this person may use. */
export const knowledgeQuery = queryOptions({
  queryKey: LIST,
  queryFn: ({ signal }) => call(api.GET('/api/v1/knowledge/', { signal })),
});

/** One with its files; null when there is none. Read again while files move, in case an event was missed. */
export const oneQuery = (id: string) =>
  queryOptions({
    queryKey: oneKey(id),
    queryFn: async ({ signal }) => {
      try {
        return await call(api.GET('/api/v1/knowledge/{id}', { ...at(id), signal }));
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
    refetchInterval: ({ state }) => (state.data?.files.some(isMoving) ? TOLD_MS : false),
  });

/** Shows what the server answered to a change. */
function show(whole: Whole): void {
  queryClient.setQueryData(oneKey(whole.id), whole);
  void queryClient.invalidateQueries({ queryKey: LIST });
  void queryClient.invalidateQueries({ queryKey: FILES });
}

const body = (draft: Draft) => draft as Schemas['KnowledgeForm'];

/** Makes one and returns its id. */
export async function createKnowledge(draft: Draft): Promise<string> {
  const { id } = await found(api.POST('/api/v1/knowledge/create', { body: body(draft) }));
  await queryClient.invalidateQueries({ queryKey: LIST });
  return id;
}

export async function updateKnowledge(id: string, draft: Draft): Promise<void> {
  show(await found(api.POST('/api/v1/knowledge/{id}/update', { ...at(id), body: body(draft) })));
}

/** Deletes one, and with `files` those of its files that nothing else has. */
export async function deleteKnowledge(id: string): Promise<void> {
  await call(api.DELETE('/api/v1/knowledge/{id}/delete', at(id)));
  queryClient.removeQueries({ queryKey: oneKey(id) });
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: LIST }),
    queryClient.invalidateQueries({ queryKey: FILES }),
  ]);
}

type Adding = { file_id: string; path: string };
const adders = new Map<string, (file: Adding) => Promise<void>>();

/** Puts a file into a knowledge base; what is put in within a moment goes together. */
export function addFile(id: string, file: Adding): Promise<void> {
  const add =
    adders.get(id) ??
    gather(async (files: Adding[]) => {
      show(await found(api.POST('/api/v1/knowledge/{id}/files/batch/add', { ...at(id), body: files })));
    });
  adders.set(id, add);
  return add(file);
}

const forms = (files: readonly { id: string }[]) => files.map(({ id }) => ({ file_id: id }));

/** Takes files out; those are deleted too that are this person's and that nothing else has. */
export async function removeFiles(id: string, files: readonly { id: string }[]): Promise<void> {
  const asked = { ...at(id), body: forms(files) };
  show(await found(api.POST('/api/v1/knowledge/{id}/files/batch/remove', asked)));
}

/** Has files of it indexed again. */
export async function reindexFiles(id: string, files: readonly { id: string }[]): Promise<void> {
  const asked = { ...at(id), body: forms(files) };
  show(await found(api.POST('/api/v1/knowledge/{id}/files/batch/update', asked)));
}

/** Reads a page of the web, or all of a site that its sitemap names, into files of a knowledge base. */
export async function addPages(id: string, asked: { url: string; sitemap: boolean }, signal: AbortSignal) {
  const body = { ...asked, collection_name: id };
  try {
    const { files = [], troubles = {} } = await call(api.POST('/api/v1/retrieval/process/web', { body, signal }));
    return { files, troubles };
  } finally {
    void queryClient.invalidateQueries({ queryKey: KNOWLEDGE });
  }
}
