import { queryOptions } from '@tanstack/svelte-query';
import { api, call, found, type Schemas } from '#lib/api/client.ts';
import { queryClient } from '#lib/api/queries.ts';

/** Something that a person wants models to know of them. Epoch seconds. */
export type Memory = Schemas['MemoryModel'];

const MEMORIES = ['memories'] as const;
const at = (memory_id: string) => ({ params: { path: { memory_id } } });

/** This person's memories, the last first. */
export const memoriesQuery = queryOptions({
  queryKey: MEMORIES,
  queryFn: async ({ signal }) => newestFirst(await call(api.GET('/api/v1/memories/', { signal }))),
});

const newestFirst = (memories: Memory[]) => [...memories].sort((a, b) => b.updated_at - a.updated_at);

function patch(change: (memories: Memory[]) => Memory[]): void {
  queryClient.setQueryData<Memory[]>(MEMORIES, (memories) => memories && newestFirst(change(memories)));
}

export async function addMemory(content: string): Promise<void> {
  const added = await found(api.POST('/api/v1/memories/add', { body: { content } }));
  patch((memories) => [added, ...memories]);
}

export async function changeMemory(id: string, content: string): Promise<void> {
  const changed = await found(api.POST('/api/v1/memories/{memory_id}/update', { ...at(id), body: { content } }));
  patch((memories) => memories.map((each) => (each.id === id ? changed : each)));
}

/** Takes a memory off the list; returns how to put it back. */
export function hideMemory(memory: Memory): () => void {
  patch((memories) => memories.filter(({ id }) => id !== memory.id));
  return () => patch((memories) => [...memories, memory]);
}

export async function deleteMemory(id: string): Promise<void> {
  await call(api.DELETE('/api/v1/memories/{memory_id}', at(id)));
}

export async function deleteAllMemories(): Promise<void> {
  await call(api.DELETE('/api/v1/memories/delete/user'));
  queryClient.setQueryData<Memory[]>(MEMORIES, []);
}

/** So many memories are told for a question. */
const MOST = 20;

/** The memories that are nearest to a text in meaning, best first, each with how near from 0 to 1. */
export const nearestQuery = (text: string) =>
  queryOptions({
    queryKey: [...MEMORIES, 'nearest', text],
    queryFn: async ({ signal }) => {
      const { ids, distances } = await call(
        api.POST('/api/v1/memories/query', { body: { content: text, k: MOST }, signal }),
      );
      return new Map((ids[0] ?? []).map((id, index) => [id, distances[0]?.[index] ?? 0]));
    },
    enabled: text !== '',
    staleTime: 10_000,
  });
