import { queryOptions } from '@tanstack/svelte-query';
import { api, call } from '#lib/api/client.ts';
import { queryClient } from '#lib/api/queries.ts';
import { changeSettings } from '#lib/settings/change.ts';
import { blank, type Preset } from '#lib/workspace/models/draft.ts';
import { createPreset, togglePreset, updatePreset } from '#lib/workspace/models/queries.ts';
import type { ManagedModel, ModelsForm } from './rows.ts';

const ALL = ['admin', 'models', 'all'] as const;
const FORM = ['admin', 'models', 'form'] as const;

/** Every model there is: those of the connections with what was changed of them, and those people made. */
export const managedQuery = queryOptions({
  queryKey: ALL,
  queryFn: async ({ signal }): Promise<ManagedModel[]> => {
    const [bases, changes, presets] = await Promise.all([
      call(api.GET('/api/models/base', { signal })),
      call(api.GET('/api/v1/models/base', { signal })) as Promise<Preset[]>,
      call(api.GET('/api/v1/models/', { signal })) as Promise<Preset[]>,
    ]);
    const changed = new Map(changes.map((preset) => [preset.id, preset]));
    return [
      ...bases.data.map(({ id, name }) => ({
        id,
        name: changed.get(id)?.name ?? name,
        preset: changed.get(id),
        own: false,
      })),
      ...presets
        .filter((preset) => preset.base_model_id !== null)
        .map((preset) => ({ id: preset.id, name: preset.name, preset, own: true })),
    ];
  },
});

/** The order of models, and those that new chats begin with. */
export const modelsFormQuery = queryOptions({
  queryKey: FORM,
  queryFn: ({ signal }) => call(api.GET('/api/v1/configs/models', { signal })),
});

/** Saves order and defaults, at once on screen; takes it back when the server refuses. */
export async function saveModelsForm(change: Partial<ModelsForm>): Promise<void> {
  await changeSettings<ModelsForm>(FORM, change, (body) => call(api.POST('/api/v1/configs/models', { body })));
  void queryClient.invalidateQueries({ queryKey: ['models'] });
  void queryClient.invalidateQueries({ queryKey: ['config'] });
}

const presetOf = (model: ManagedModel): Preset =>
  model.preset ?? { ...blank(), id: model.id, name: model.name, access_control: null };

/** Turns a model on or off for everybody. */
export async function enable(model: ManagedModel, on: boolean): Promise<void> {
  if (model.preset) await togglePreset(model.id);
  else await createPreset({ ...presetOf(model), is_active: on });
}

/** Takes a model off the list that people choose from, or puts it back. */
export async function hide(model: ManagedModel, hidden: boolean): Promise<void> {
  const preset = presetOf(model);
  const next = { ...preset, meta: { ...preset.meta, hidden } };
  await (model.preset ? updatePreset(next) : createPreset(next));
}
