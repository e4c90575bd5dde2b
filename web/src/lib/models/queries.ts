import { queryOptions } from '@tanstack/svelte-query';
import { saveSettings } from '#lib/accounts/queries.ts';
import { api, call } from '#lib/api/client.ts';
import { kept } from '#lib/api/kept.ts';
import type { paths } from '#lib/api/schema.d.ts';

type Answer = paths['/api/models']['get']['responses'][200]['content']['application/json'];
export type Model = Answer['data'][number];

const MODELS = ['models'] as const;

/** The models this person may use. */
export const modelsQuery = queryOptions({
  queryKey: MODELS,
  queryFn: async (): Promise<Model[]> => (await call(api.GET('/api/models'))).data,
  staleTime: 60_000,
  ...kept<Model[]>(MODELS),
});

type Capability = 'vision' | 'file_upload' | 'web_search';
type Meta = { hidden?: boolean; capabilities?: Partial<Record<Capability, boolean>> | null };

const metaOf = (model: Model) => (model.info as { meta?: Meta | null } | null | undefined)?.meta;

/** The models to choose from: those that are hidden only where they are what was chosen. */
export const choosable = (models: readonly Model[] | undefined, chosen?: string): Model[] =>
  (models ?? []).filter((model) => model.id === chosen || metaOf(model)?.hidden !== true);

/** Whether all of these models are said to be capable of something; nothing said means yes. */
export const every = (models: readonly Model[], ids: readonly string[], capability: Capability): boolean =>
  models
    .filter((model) => ids.includes(model.id))
    .every((model) => metaOf(model)?.capabilities?.[capability] !== false);

/** Makes models those that new chats start with. */
export async function rememberModels(ids: string[]): Promise<void> {
  await saveSettings({ models: ids });
}

/** Makes a model the one that new chats start with. */
export const rememberModel = (id: string): Promise<void> => rememberModels([id]);
