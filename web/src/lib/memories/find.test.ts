import { expect, it } from 'vitest';
import { findMemories } from './find.ts';

const memory = (id: string, content: string) => ({ id, content, user_id: 'u', created_at: 0, updated_at: 0 });
const memories = [memory('a', 'I drink green tea'), memory('b', 'I live in Bremen'), memory('c', 'My cat is Ada')];
const ids = (text: string, nearest?: Map<string, number>) => findMemories(memories, text, nearest).map(({ id }) => id);

it('finds what has the words, then what is near to them in meaning', () => {
  expect(ids('  ')).toEqual(['a', 'b', 'c']);
  expect(ids('TEA green')).toEqual(['a']);
  expect(ids('cat', new Map(Object.entries({ b: 0.1, a: 0.4, c: 0.2 })))).toEqual(['c', 'a', 'b']);
  expect(ids('whale')).toEqual([]);
});
