import { queryOptions } from '@tanstack/svelte-query';
import { ApiError } from '#lib/api/errors.ts';
import { api, call, type Schemas } from '#lib/api/client.ts';
import { queryClient } from '#lib/api/queries.ts';
import { saveFile } from '#lib/ui/save.ts';
import type { Preset } from './draft.ts';

export type OwnedPreset = Preset & { user_id: string; updated_at: number; user?: { name: string } | null };

const at = (id: string) => ({ params: { query: { id } } });
const body = (preset: Preset) => preset as Schemas['ModelForm'];

/** The presets this person may change. */
export const presetsQuery = queryOptions({
  queryKey: ['workspace', 'models'],
  queryFn: ({ signal }) => call(api.GET('/api/v1/models/', { signal })) as Promise<OwnedPreset[]>,
});

/** One preset; null when there is none. */
export const presetQuery = (id: string) =>
  queryOptions({
    queryKey: ['workspace', 'model', id],
    queryFn: async ({ signal }) => {
      try {
        return (await call(api.GET('/api/v1/models/model', { ...at(id), signal }))) as Preset | null;
      } catch (error) {
        if (error instanceof ApiError && [401, 404].includes(error.status)) return null;
        throw error;
      }
    },
    staleTime: 0,
  });

/** Has everything that shows models read again. */
export async function rereadModels(): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: ['workspace'] }),
    queryClient.invalidateQueries({ queryKey: ['models'] }),
    queryClient.invalidateQueries({ queryKey: ['admin', 'models'] }),
  ]);
}

export async function createPreset(preset: Preset): Promise<void> {
  await call(api.POST('/api/v1/models/create', { body: body(preset) }));
  await rereadModels();
}

export async function updatePreset(preset: Preset): Promise<void> {
  await call(api.POST('/api/v1/models/model/update', { ...at(preset.id), body: body(preset) }));
  await rereadModels();
}

export async function togglePreset(id: string): Promise<void> {
  await call(api.POST('/api/v1/models/model/toggle', at(id)));
  await rereadModels();
}

export async function deletePreset(id: string): Promise<void> {
  await call(api.DELETE('/api/v1/models/model/delete', at(id)));
  await rereadModels();
}

/** Saves presets as a file that can be imported again. */
export function exportPresets(presets: readonly Preset[], name: string): void {
  saveFile(new Blob([JSON.stringify(presets)], { type: 'application/json' }), name);
}

/** Takes presets in from a file. Throws when it holds none. */
export async function importPresets(file: File, failure: string): Promise<void> {
  let models: unknown;
  try {
    models = JSON.parse(await file.text());
  } catch {
    throw new Error(failure);
  }
  if (!Array.isArray(models)) throw new Error(failure);
  // Open WebUI's export wraps each in `info` when it comes from the list of models.
  const presets = models.map((model: { info?: unknown }) => model.info ?? model);
  await call(api.POST('/api/v1/models/import', { body: { models: presets as Record<string, unknown>[] } }));
  await rereadModels();
}
