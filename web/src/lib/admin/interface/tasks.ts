import { m } from '#lib/paraglide/messages.js';
import type { TaskConfig } from './queries.ts';

/** A background task: its switch, and the prompt an admin may put in place of ours. */
export type Task = { label: string; enable?: keyof TaskConfig; prompt?: keyof TaskConfig };

/** The tasks that can be set, by the contract's names. */
export function tasks(): Task[] {
  return [
    { label: m.task_title(), enable: 'ENABLE_TITLE_GENERATION', prompt: 'TITLE_GENERATION_PROMPT_TEMPLATE' },
    { label: m.task_tags(), enable: 'ENABLE_TAGS_GENERATION', prompt: 'TAGS_GENERATION_PROMPT_TEMPLATE' },
    {
      label: m.task_follow_up(),
      enable: 'ENABLE_FOLLOW_UP_GENERATION',
      prompt: 'FOLLOW_UP_GENERATION_PROMPT_TEMPLATE',
    },
    {
      label: m.task_autocomplete(),
      enable: 'ENABLE_AUTOCOMPLETE_GENERATION',
      prompt: 'AUTOCOMPLETE_GENERATION_PROMPT_TEMPLATE',
    },
    { label: m.task_search(), enable: 'ENABLE_SEARCH_QUERY_GENERATION', prompt: 'QUERY_GENERATION_PROMPT_TEMPLATE' },
    { label: m.task_retrieval(), enable: 'ENABLE_RETRIEVAL_QUERY_GENERATION' },
    {
      label: m.task_image(),
      enable: 'ENABLE_IMAGE_PROMPT_GENERATION',
      prompt: 'IMAGE_PROMPT_GENERATION_PROMPT_TEMPLATE',
    },
    { label: m.task_emoji(), enable: 'ENABLE_EMOJI_GENERATION', prompt: 'EMOJI_GENERATION_PROMPT_TEMPLATE' },
    { label: m.task_moa(), enable: 'ENABLE_MOA_GENERATION', prompt: 'MOA_GENERATION_PROMPT_TEMPLATE' },
    { label: m.task_summary(), prompt: 'SUMMARY_GENERATION_PROMPT_TEMPLATE' },
    { label: m.task_tools(), prompt: 'TOOLS_FUNCTION_CALLING_PROMPT_TEMPLATE' },
  ];
}
