import { describe, expect, it } from 'vitest';
import type { Message } from '../types.ts';
import { branch, fileName, toMarkdown, toText } from './text';

const message = (id: string, parentId: string | null, role: 'user' | 'assistant', content: string): Message => ({
  id,
  parentId,
  childrenIds: [],
  role,
  content,
  timestamp: 0,
  ...(role === 'assistant' ? { model: 'small', modelName: 'Small' } : {}),
});
const history = {
  currentId: 'c',
  messages: {
    a: message('a', null, 'user', ' Why? '),
    b: message('b', 'a', 'assistant', 'Other'),
    c: message('c', 'a', 'assistant', 'Because.'),
  },
};
const names = { user: 'You', assistant: 'Assistant', sources: 'Sources' };

describe('export', () => {
  it('takes the shown branch only, first message first', () => {
    expect(branch(history).map(({ id }) => id)).toEqual(['a', 'c']);
  });
  it('ends where the tree is broken', () => {
    const circle = { currentId: 'x', messages: { x: message('x', 'x', 'user', '') } };
    expect(branch(circle)).toHaveLength(1);
    expect(branch({ currentId: 'gone', messages: {} })).toEqual([]);
  });
  it('writes who said what', () => {
    expect(toMarkdown('T', branch(history), names)).toBe('# T\n\n### You\n\nWhy?\n\n### Small\n\nBecause.\n');
    expect(toText('T', branch(history), names)).toBe('T\n\nYou:\nWhy?\n\nSmall:\nBecause.\n');
  });
  it('names the sources below an answer', () => {
    const metadata = [{ source: 'https://tea.example', title: 'Tea' }];
    const cited = { ...message('d', null, 'assistant', 'Hot [1].'), sources: [{ document: ['…'], metadata }] };
    expect(toText('T', [cited], names)).toBe('T\n\nSmall:\nHot [1].\n\nSources:\n\n[1] Tea · https://tea.example\n');
  });
  it('makes file names that every system takes', () => {
    expect(fileName('a/b: "c"? ', 'md')).toBe('a b c.md');
    expect(fileName('雲の話', 'txt')).toBe('雲の話.txt');
    expect(fileName('…/..', 'json')).toBe('….json');
    expect(fileName('', 'json')).toBe('chat.json');
  });
});
