import { queryOptions } from '@tanstack/svelte-query';
import { readPrompts } from '../api.ts';

/** A text of the library that `/command` puts into the composer. */
export interface Prompt {
  /** Without the slash. */
  command: string;
  title: string;
  content: string;
}

/** The prompts this person may use. */
export const promptsQuery = queryOptions({
  queryKey: ['prompts'],
  queryFn: async (): Promise<Prompt[]> =>
    (await readPrompts()).map((prompt) => ({ ...prompt, command: prompt.command.replace(/^\//, '') })),
  staleTime: 60_000,
});
