import { expect, it } from 'vitest';
import { longestAgreement } from './agreement.ts';

/** The same, tried piece by piece. */
function slowly(text: string, wanted: string): { start: number; length: number } {
  for (let length = Math.min(text.length, wanted.length); length > 0; length--)
    for (let start = 0; start + length <= text.length; start++)
      if (wanted.includes(text.slice(start, start + length))) return { start, length };
  return { start: 0, length: 0 };
}

it('finds the longest piece that two texts share, and the first of several', () => {
  expect(longestAgreement('abcXabcdX', 'zabcdz')).toEqual({ start: 4, length: 4 });
  expect(longestAgreement('abXab', 'ab')).toEqual({ start: 0, length: 2 });
  expect(longestAgreement('', 'ab')).toEqual({ start: 0, length: 0 });
  expect(longestAgreement('ab', '')).toEqual({ start: 0, length: 0 });
});

it('finds the same as trying all of them, in texts that repeat themselves', () => {
  let seed = 7;
  const letter = () => 'aab'[(seed = (seed * 1103515245 + 12345) % 2 ** 31) % 3]!;
  for (let round = 0; round < 300; round++) {
    const [text, wanted] = [28, 17].map((length) => Array.from({ length }, letter).join(''));
    expect(longestAgreement(text!, wanted!), `${text} ${wanted}`).toEqual(slowly(text!, wanted!));
  }
});
