import { queryOptions } from '@tanstack/svelte-query';
import { free } from '#lib/api/free.ts';
import { queryClient } from '#lib/api/queries.ts';

/** A notice above every chat. */
export type Banner = {
  id: string;
  type: 'info' | 'success' | 'warning' | 'error';
  title?: string | null;
  content: string;
  dismissible: boolean;
  timestamp: number;
};

/** What an empty chat offers: a heading with a line below it, and the question. */
export type Suggestion = { title: string[]; content: string };

/** The contract's settings of background tasks. */
export type TaskConfig = {
  TASK_MODEL: string | null;
  TASK_MODEL_EXTERNAL: string | null;
  [key: string]: string | number | boolean | null;
};

const BANNERS = ['admin', 'banners'] as const;
const TASKS = ['admin', 'tasks'] as const;

export const bannersQuery = queryOptions({
  queryKey: BANNERS,
  queryFn: ({ signal }) => free.get<Banner[]>('/api/v1/configs/banners', { signal }),
});

export const tasksQuery = queryOptions({
  queryKey: TASKS,
  queryFn: ({ signal }) => free.get<TaskConfig>('/api/v1/tasks/config', { signal }),
});

const shown = () => queryClient.invalidateQueries({ queryKey: ['config'] });

export async function saveBanners(banners: readonly Banner[]): Promise<void> {
  queryClient.setQueryData(BANNERS, await free.post<Banner[]>('/api/v1/configs/banners', { banners }));
  await queryClient.invalidateQueries({ queryKey: ['banners'] });
}

export async function saveSuggestions(suggestions: readonly Suggestion[]): Promise<void> {
  await free.post('/api/v1/configs/suggestions', { suggestions });
  await shown();
}

/** Changes some settings of tasks, at once on screen; takes them back when the server refuses. */
export async function saveTasks(change: Partial<TaskConfig>): Promise<void> {
  const before = queryClient.getQueryData<TaskConfig>(TASKS);
  if (!before) return;
  const next = { ...before, ...change } as TaskConfig;
  queryClient.setQueryData<TaskConfig>(TASKS, next);
  try {
    queryClient.setQueryData(TASKS, await free.post<TaskConfig>('/api/v1/tasks/config/update', next));
  } catch (error) {
    queryClient.setQueryData<TaskConfig>(TASKS, before);
    throw error;
  }
}
