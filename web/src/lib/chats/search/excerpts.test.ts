import { describe, expect, it } from 'vitest';
import type { Message } from '../types.ts';
import { excerpts, wordsOf } from './excerpts';

const message = (id: string, content: string): Message => ({
  id,
  parentId: null,
  childrenIds: [],
  role: 'user',
  content,
  timestamp: 0,
});
const hits = (content: string, query: string) =>
  excerpts([message('a', content)], query)[0]?.parts.flatMap((part) => (part.hit ? [part.text] : []));

describe('excerpts', () => {
  it('mark every word, whatever its case', () => expect(hits('Rain and rain, snow', 'RAIN snow')).toHaveLength(3));
  it('keep the text whole', () => {
    const [found] = excerpts([message('a', 'One two three')], 'two');
    expect(found?.parts.map((part) => part.text).join('')).toBe('One two three');
  });
  it('cut a long message down to what is around the word', () => {
    const [found] = excerpts([message('a', `${'x '.repeat(500)}needle${' y'.repeat(500)}`)], 'needle');
    const text = found?.parts.map((part) => part.text).join('') ?? '';
    expect(text).toContain('needle');
    expect(text.length).toBeLessThan(320);
  });
  it('show the last messages when no message has the words', () => {
    expect(excerpts([message('a', 'x'), message('b', 'y')], 'title', 1).map(({ id }) => id)).toEqual(['b']);
  });
  it('know words from what narrows', () => expect(wordsOf('tag:work "rain" pinned:true')).toEqual(['rain']));
});
