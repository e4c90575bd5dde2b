import { queryOptions } from '@tanstack/svelte-query';
import { free, part } from '#lib/api/free.ts';
import { queryClient } from '#lib/api/queries.ts';
import { formOf, type OllamaForm, type Server } from './servers.ts';

export type OllamaModel = {
  name: string;
  model: string;
  size: number;
  details?: { parameter_size?: string; quantization_level?: string; family?: string };
};

/** A model in a server's memory. Bytes. */
export type Loaded = { name: string; model: string; size: number; size_vram?: number; expires_at?: string };

/** A model on its way to a server. Bytes, epoch seconds. */
export type Pull = {
  id: string;
  url: string;
  model: string;
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
  status: string;
  completed: number;
  total: number;
  error?: string | null;
};

const FORM = ['admin', 'ollama', 'config'] as const;
const PULLS = ['admin', 'ollama', 'pulls'] as const;

export const moving = (pull: Pull) => pull.state === 'queued' || pull.state === 'running';

/** The connected servers; keys are masked. */
export const serversQuery = queryOptions({
  queryKey: FORM,
  queryFn: ({ signal }) => free.get<OllamaForm>('/ollama/config', { signal }),
});

export async function saveServers(servers: readonly Server[]): Promise<void> {
  queryClient.setQueryData(FORM, await free.post<OllamaForm>('/ollama/config/update', formOf(servers)));
  void queryClient.invalidateQueries({ queryKey: ['admin', 'ollama', 'tags'] });
  void queryClient.invalidateQueries({ queryKey: ['models'] });
}

/** The version of a server. Throws `ApiError` with the reason when it cannot be used. */
export async function verifyServer({ url, key }: Server): Promise<string> {
  return (await free.post<{ version: string }>('/ollama/verify', { url: url.trim(), key: key.trim() })).version;
}

/** The models that a server has on its disk. */
export const tagsQuery = (index: number) =>
  queryOptions({
    queryKey: ['admin', 'ollama', 'tags', index],
    queryFn: async ({ signal }) =>
      (await free.get<{ models: OllamaModel[] }>(`/ollama/api/tags/${index}`, { signal })).models,
    retry: false,
  });

/** The models in memory, by the server's address. */
export const loadedQuery = queryOptions({
  queryKey: ['admin', 'ollama', 'ps'],
  queryFn: ({ signal }) => free.get<Record<string, { models?: Loaded[] } | null>>('/ollama/api/ps', { signal }),
  refetchInterval: 10_000,
  retry: false,
});

/** The pulls under way and those of the last day; read again while one moves. */
export const pullsQuery = queryOptions({
  queryKey: PULLS,
  queryFn: async ({ signal }) => (await free.get<{ pulls: Pull[] }>('/ollama/pulls', { signal })).pulls,
  refetchInterval: ({ state }) => (state.data?.some(moving) ? 1500 : false),
});

async function reread(): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: ['admin', 'ollama'] }),
    queryClient.invalidateQueries({ queryKey: ['models'] }),
  ]);
}

/** Has a server load a model, for as long as it takes, whether or not this page is open. */
export async function pull(model: string, url_idx: number): Promise<void> {
  await free.post('/ollama/pulls', { model, url_idx });
  await queryClient.invalidateQueries({ queryKey: PULLS });
}

/** Ends a pull, or takes an ended one off the list. */
export async function cancelPull(id: string): Promise<void> {
  await free.remove(`/ollama/pulls/${part(id)}`);
  await reread();
}

export async function deleteModel(model: string, index: number): Promise<void> {
  await free.remove(`/ollama/api/delete/${index}`, { body: { model } });
  await reread();
}

/** Takes a model out of the memory of every server. */
export async function unload(model: string): Promise<void> {
  await free.post('/ollama/api/unload', { model });
  await reread();
}

export const rereadOllama = reread;
