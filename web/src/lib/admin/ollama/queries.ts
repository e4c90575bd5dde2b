import { queryOptions } from '@tanstack/svelte-query';
import { api, call, type Schemas } from '#lib/api/client.ts';
import { queryClient } from '#lib/api/queries.ts';
import { sameName } from './names.ts';
import { formOf, type Server } from './servers.ts';

/** What a server says of a model. Bytes. */
export type OllamaModel = {
  name: string;
  model: string;
  size: number;
  details?: { parameter_size?: string; quantization_level?: string; family?: string };
};

/** A model in the memory of the servers at these places; `model` is what the instance calls it. Bytes. */
export type Loaded = { name: string; model: string; size: number; size_vram?: number; urls: number[] };

/** A model on its way to a server, from it to a registry, or in the making. Bytes, epoch seconds. */
export type Pull = Schemas['PullProgress'];

const FORM = ['admin', 'ollama', 'config'] as const;
const PULLS = ['admin', 'ollama', 'pulls'] as const;

export const moving = (pull: Pull) => pull.state === 'queued' || pull.state === 'running';

/** The connected servers; keys are masked. */
export const serversQuery = queryOptions({
  queryKey: FORM,
  queryFn: ({ signal }) => call(api.GET('/ollama/config', { signal })),
});

export async function saveServers(servers: readonly Server[]): Promise<void> {
  queryClient.setQueryData(FORM, await call(api.POST('/ollama/config/update', { body: formOf(servers) })));
  void queryClient.invalidateQueries({ queryKey: ['admin', 'ollama', 'tags'] });
  void queryClient.invalidateQueries({ queryKey: ['admin', 'ollama', 'version'] });
  void queryClient.invalidateQueries({ queryKey: ['models'] });
}

/** The version of a server. Throws `ApiError` with the reason when it cannot be used. */
export async function verifyServer({ url, key }: Server): Promise<string> {
  const { version } = await call(api.POST('/ollama/verify', { body: { url: url.trim(), key: key.trim() } }));
  return String(version);
}

/** The version of the server at a place. */
export const versionQuery = (index: number) =>
  queryOptions({
    queryKey: ['admin', 'ollama', 'version', index],
    queryFn: async ({ signal }) => {
      const params = { path: { url_idx: index } };
      return String((await call(api.GET('/ollama/api/version/{url_idx}', { params, signal }))).version);
    },
    retry: false,
  });

/** The models that a server has on its disk. */
export const tagsQuery = (index: number) =>
  queryOptions({
    queryKey: ['admin', 'ollama', 'tags', index],
    queryFn: async ({ signal }) => {
      const params = { path: { url_idx: index } };
      return (await call(api.GET('/ollama/api/tags/{url_idx}', { params, signal }))).models as OllamaModel[];
    },
    retry: false,
  });

/** The models in the servers' memory. */
export const loadedQuery = queryOptions({
  queryKey: ['admin', 'ollama', 'ps'],
  queryFn: async ({ signal }) => (await call(api.GET('/ollama/api/ps', { signal }))).models as Loaded[],
  refetchInterval: 10_000,
  retry: false,
});

/** The pulls under way and those of the last day; read again while one moves. */
export const pullsQuery = queryOptions({
  queryKey: PULLS,
  queryFn: async ({ signal }) => (await call(api.GET('/ollama/pulls', { signal }))).pulls,
  refetchInterval: ({ state }) => (state.data?.some(moving) ? 1500 : false),
});

async function reread(): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: ['admin', 'ollama'] }),
    queryClient.invalidateQueries({ queryKey: ['models'] }),
  ]);
}

/** Has a server do something with a model, for as long as it takes, whether or not this page is open. */
async function begin(wish: Partial<Schemas['PullForm']> & { model: string; url_idx: number }): Promise<void> {
  await call(api.POST('/ollama/pulls', { body: { kind: 'pull', insecure: false, recipe: {}, ...wish } }));
  await queryClient.invalidateQueries({ queryKey: PULLS });
}

export const pull = (model: string, url_idx: number): Promise<void> => begin({ model, url_idx });

/** Makes a model of what `recipe` says, as Ollama's /api/create has it. */
export const createModel = (model: string, url_idx: number, recipe: Record<string, unknown>): Promise<void> =>
  begin({ kind: 'create', model, url_idx, recipe });

/** Gives a model a second name on its server. */
export async function copyModel(source: string, destination: string, index: number): Promise<void> {
  const params = { path: { url_idx: index } };
  await call(api.POST('/ollama/api/copy/{url_idx}', { params, body: { source, destination } }));
  await reread();
}

/** Pushes a model to a registry by a name, which it first gets on its server. */
export async function pushModel(source: string, model: string, url_idx: number): Promise<void> {
  if (!sameName(source, model)) await copyModel(source, model, url_idx);
  await begin({ kind: 'push', model, url_idx });
}

/** Ends a pull, or takes an ended one off the list. */
export async function cancelPull(id: string): Promise<void> {
  await call(api.DELETE('/ollama/pulls/{pull_id}', { params: { path: { pull_id: id } } }));
  await reread();
}

export async function deleteModel(model: string, index: number): Promise<void> {
  await call(api.DELETE('/ollama/api/delete/{url_idx}', { params: { path: { url_idx: index } }, body: { model } }));
  await reread();
}

/** Takes a model out of the memory of every server. */
export async function unload(model: string): Promise<void> {
  await call(api.POST('/ollama/api/unload', { body: { model } }));
  await reread();
}

export const rereadOllama = reread;
