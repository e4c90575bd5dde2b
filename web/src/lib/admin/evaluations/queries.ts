import { keepPreviousData, queryOptions } from '@tanstack/svelte-query';
import { free, part } from '#lib/api/free.ts';
import { queryClient } from '#lib/api/queries.ts';
import type { Access } from '#lib/workspace/access.ts';
import type { Standing } from './plot.ts';

/** A model that stands for others, one of which answers, unseen. */
export type ArenaModel = {
  id: string;
  name: string;
  meta: {
    description?: string | null;
    model_ids?: string[] | null;
    filter_mode?: string | null;
    access_control?: Access;
    [key: string]: unknown;
  };
};

export type ArenaForm = { ENABLE_EVALUATION_ARENA_MODELS: boolean; EVALUATION_ARENA_MODELS: ArenaModel[] };

export type Leaderboard = { models: Standing[]; tags: { tag: string; votes: number }[]; votes: number };

export type Feedback = {
  id: string;
  type: string;
  data?: { rating?: number | string | null; model_id?: string; reason?: string; comment?: string } | null;
  meta?: { chat_id?: string; tags?: string[] } | null;
  updated_at: number;
  user?: { name: string } | null;
};

const ARENA = ['admin', 'evaluations', 'arena'] as const;
/** How much feedback is read at once. */
export const FEEDBACK_PAGE = 50;

export const arenaQuery = queryOptions({
  queryKey: ARENA,
  queryFn: ({ signal }) => free.get<ArenaForm>('/api/v1/evaluations/config', { signal }),
});

/** Models by their rating out of everybody's votes; of votes on chats with a tag, when one is given. */
export const leaderboardQuery = (tag: string) =>
  queryOptions({
    queryKey: ['admin', 'evaluations', 'leaderboard', tag],
    queryFn: ({ signal }) =>
      free.get<Leaderboard>('/api/v1/evaluations/leaderboard', { query: { tag: tag || undefined }, signal }),
    placeholderData: keepPreviousData,
  });

/** A part of everybody's feedback, newest first, after the one given. */
export const readFeedback = (after: string | undefined, signal?: AbortSignal) =>
  free.get<Feedback[]>('/api/v1/evaluations/feedbacks/all', {
    query: { limit: FEEDBACK_PAGE, after },
    ...(signal ? { signal } : {}),
  });

export async function saveArena(change: Partial<ArenaForm>): Promise<void> {
  queryClient.setQueryData(ARENA, await free.post<ArenaForm>('/api/v1/evaluations/config', change));
  void queryClient.invalidateQueries({ queryKey: ['models'] });
}

export async function deleteFeedback(id: string): Promise<void> {
  await free.remove(`/api/v1/evaluations/feedback/${part(id)}`);
  await queryClient.invalidateQueries({ queryKey: ['admin', 'evaluations'] });
}

/** Everybody's feedback whole, as a file. */
export const exportFeedback = () => free.get<unknown[]>('/api/v1/evaluations/feedbacks/all/export');
