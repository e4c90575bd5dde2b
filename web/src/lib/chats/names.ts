import { queryClient } from '#lib/api/queries.ts';
import { modelsQuery } from '#lib/models/queries.ts';
import { m } from '#lib/paraglide/messages.js';
import type { Message } from './types.ts';

const LONGEST_TITLE = 80;

/** What a chat is called until it gets a title: the first words of its question; empty when it has none. */
export function beginning(question: string): string {
  const letters = [...question.trim().replace(/\s+/g, ' ')];
  if (letters.length <= LONGEST_TITLE) return letters.join('');
  const cut = letters.slice(0, LONGEST_TITLE - 1).join('');
  const words = cut.slice(0, Math.max(0, cut.lastIndexOf(' ')));
  return `${words || cut}…`;
}

/** Whether the model of an answer was drawn by lot. */
const isDrawn = ({ selectedModelId, model }: Message): boolean => !!selectedModelId && selectedModelId !== model;

/** Whether it is not to be told yet which model answered. */
export const isBlind = (message: Message): boolean => isDrawn(message) && !message.annotation?.rating;

/** The name over an answer: its model's, or after a vote that of the model drawn by lot. */
export function modelName(message: Message): string {
  if (isDrawn(message) && !isBlind(message)) {
    const models = queryClient.getQueryData(modelsQuery.queryKey);
    return models?.find((model) => model.id === message.selectedModelId)?.name ?? message.selectedModelId!;
  }
  return message.modelName ?? message.model ?? m.chat_assistant();
}
