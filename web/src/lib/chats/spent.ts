import type { Message } from './types.ts';

const number = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);

/** Tokens read and written for all answers, and what they cost in dollars where a provider says. */
export function spent(messages: Message[]): { tokens: number; cost: number } {
  let [tokens, cost] = [0, 0];
  for (const { usage } of messages) {
    if (!usage) continue;
    const parts = number(usage.prompt_tokens) + number(usage.completion_tokens);
    tokens += number(usage.total_tokens) || parts;
    cost += number(usage.cost);
  }
  return { tokens, cost };
}
