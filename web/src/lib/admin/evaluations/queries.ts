import { keepPreviousData, queryOptions } from '@tanstack/svelte-query';
import { api, call, type Schemas } from '#lib/api/client.ts';
import { queryClient } from '#lib/api/queries.ts';
import { changeSettings } from '#lib/settings/change.ts';
import type { Access } from '#lib/workspace/access.ts';

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

/** What somebody said of an answer; `data` and `meta` are the contract's free fields. */
export type Feedback = Schemas['FeedbackUserResponse'] & {
  data?: { rating?: number | string | null; model_id?: string; reason?: string; comment?: string } | null;
  meta?: { chat_id?: string; tags?: string[] } | null;
};

const ARENA = ['admin', 'evaluations', 'arena'] as const;
/** How much feedback is read at once. */
export const FEEDBACK_PAGE = 50;

export const arenaQuery = queryOptions({
  queryKey: ARENA,
  queryFn: ({ signal }) => call(api.GET('/api/v1/evaluations/config', { signal })) as Promise<ArenaForm>,
});

/** Models by their rating out of everybody's votes; of votes on chats with a tag, when one is given. */
export const leaderboardQuery = (tag: string) =>
  queryOptions({
    queryKey: ['admin', 'evaluations', 'leaderboard', tag],
    queryFn: ({ signal }) =>
      call(api.GET('/api/v1/evaluations/leaderboard', { params: { query: tag ? { tag } : {} }, signal })),
    placeholderData: keepPreviousData,
  });

/** A part of everybody's feedback, newest first, after the one given. */
export function readFeedback(after: string | undefined, signal: AbortSignal): Promise<Feedback[]> {
  const query = { limit: FEEDBACK_PAGE, ...(after ? { after } : {}) };
  return call(api.GET('/api/v1/evaluations/feedbacks/all', { params: { query }, signal })) as Promise<Feedback[]>;
}

export async function saveArena(change: Partial<ArenaForm>): Promise<void> {
  await changeSettings<ArenaForm>(
    ARENA,
    change,
    async (body) => (await call(api.POST('/api/v1/evaluations/config', { body }))) as ArenaForm,
  );
  void queryClient.invalidateQueries({ queryKey: ['models'] });
}

export async function deleteFeedback(id: string): Promise<void> {
  await call(api.DELETE('/api/v1/evaluations/feedback/{id}', { params: { path: { id } } }));
  await queryClient.invalidateQueries({ queryKey: ['admin', 'evaluations'] });
}

/** Everybody's feedback whole, as a file. */
export const exportFeedback = () => call(api.GET('/api/v1/evaluations/feedbacks/all/export'));
