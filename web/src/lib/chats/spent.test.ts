import { expect, it } from 'vitest';
import { spent } from './spent.ts';
import type { Message } from './types.ts';

it('adds up what providers count, and passes over what none counted', () => {
  const usages = [{ total_tokens: 10, cost: 0.5 }, { prompt_tokens: 3, completion_tokens: 4 }, null, { cost: 'x' }];
  expect(spent(usages.map((usage) => ({ usage }) as Message))).toEqual({ tokens: 17, cost: 0.5 });
});
