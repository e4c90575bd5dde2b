import { expect, it } from 'vitest';
import { lines, sumOf } from './sum.ts';
import type { Upload } from './uploads.svelte.ts';

const upload = (id: string, state: Upload['state'], sent = 0): Upload => ({
  id,
  path: id,
  size: 10,
  sent,
  state,
  error: '',
});
const all = [
  upload('w', 'waiting'),
  upload('d', 'done'),
  upload('s', 'sending', 4),
  upload('f', 'failed'),
  upload('p', 'paused'),
];

it('adds up what is on its way', () => {
  expect(sumOf(all)).toEqual({ count: 5, done: 1, failed: 1, paused: 1, moving: 2, sent: 14, size: 50 });
});

it('shows what needs looking at first', () => {
  const { shown, more } = lines(all, 3);
  expect(shown.map(({ id }) => id)).toEqual(['f', 's', 'p']);
  expect(more).toBe(1);
});
