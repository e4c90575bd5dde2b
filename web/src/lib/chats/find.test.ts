import { expect, it } from 'vitest';
import { found } from './find.ts';
import type { Message } from './types.ts';

it('finds words whatever their case, in the order of the messages', () => {
  const messages = [
    { id: 'a', content: 'Tea and tea' },
    { id: 'b', content: 'Coffee' },
    { id: 'c', content: 'TEA' },
  ] as Message[];
  expect(found(messages, ' tea ')).toEqual([
    { id: 'a', place: 0 },
    { id: 'a', place: 1 },
    { id: 'c', place: 0 },
  ]);
  expect(found(messages, ' ')).toEqual([]);
});
