import { queryOptions } from '@tanstack/svelte-query';
import { api, call, type Schemas } from '#lib/api/client.ts';
import { queryClient } from '#lib/api/queries.ts';

/** A notice above every chat. */
export type Banner = Schemas['Banner'];

/** What an empty chat offers: a heading with a line below it, and the question. */
export type Suggestion = { title: string[]; content: string };

/** The contract's settings of background tasks. */
export type TaskConfig = Schemas['TaskConfig'];

const BANNERS = ['admin', 'banners'] as const;
const TASKS = ['admin', 'tasks'] as const;

export const bannersQuery = queryOptions({
  queryKey: BANNERS,
  queryFn: ({ signal }) => call(api.GET('/api/v1/configs/banners', { signal })),
});

export const tasksQuery = queryOptions({
  queryKey: TASKS,
  queryFn: ({ signal }) => call(api.GET('/api/v1/tasks/config', { signal })),
});

const shown = () => queryClient.invalidateQueries({ queryKey: ['config'] });

export async function saveBanners(banners: Banner[]): Promise<void> {
  queryClient.setQueryData(BANNERS, await call(api.POST('/api/v1/configs/banners', { body: { banners } })));
  await queryClient.invalidateQueries({ queryKey: ['banners'] });
}

export async function saveSuggestions(suggestions: Suggestion[]): Promise<void> {
  await call(api.POST('/api/v1/configs/suggestions', { body: { suggestions } }));
  await shown();
}

/** Changes some settings of tasks, at once on screen; takes them back when the server refuses. */
export async function saveTasks(change: Partial<TaskConfig>): Promise<void> {
  const before = queryClient.getQueryData<TaskConfig>(TASKS);
  if (!before) return;
  const next = { ...before, ...change } as TaskConfig;
  queryClient.setQueryData<TaskConfig>(TASKS, next);
  try {
    queryClient.setQueryData(TASKS, await call(api.POST('/api/v1/tasks/config/update', { body: next })));
  } catch (error) {
    queryClient.setQueryData<TaskConfig>(TASKS, before);
    throw error;
  }
}
