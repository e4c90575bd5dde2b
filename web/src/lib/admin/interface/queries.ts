import { queryOptions } from '@tanstack/svelte-query';
import { api, call, type Schemas } from '#lib/api/client.ts';
import { queryClient } from '#lib/api/queries.ts';
import { changeSettings } from '#lib/settings/change.ts';

/** A notice above every chat. */
export type Banner = Schemas['Banner'];

/** What an empty chat offers: a heading with a line below it, and the question. */
export type Suggestion = { title: string[]; content: string };

/** The contract's settings of background tasks. */
export type TaskConfig = Schemas['TaskConfig'];

/** What every answer begins with, unless its model, folder or chat says otherwise. */
export type AnswerConfig = Schemas['GenerationConfig'];

const BANNERS = ['admin', 'banners'] as const;
const TASKS = ['admin', 'tasks'] as const;
const ANSWERS = ['admin', 'answers'] as const;

export const bannersQuery = queryOptions({
  queryKey: BANNERS,
  queryFn: ({ signal }) => call(api.GET('/api/v1/configs/banners', { signal })),
});

export const tasksQuery = queryOptions({
  queryKey: TASKS,
  queryFn: ({ signal }) => call(api.GET('/api/v1/tasks/config', { signal })),
});

export const answersQuery = queryOptions({
  queryKey: ANSWERS,
  queryFn: ({ signal }) => call(api.GET('/api/v1/configs/generation', { signal })),
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

export const saveTasks = (some: Partial<TaskConfig>) =>
  changeSettings<TaskConfig>(TASKS, some, (body) => call(api.POST('/api/v1/tasks/config/update', { body })));

export const saveAnswers = (some: Partial<AnswerConfig>) =>
  changeSettings<AnswerConfig>(ANSWERS, some, (body) => call(api.POST('/api/v1/configs/generation', { body })));
