import { describe, expect, it } from 'vitest';
import { matching, triggerAt } from './trigger.ts';

describe('triggerAt', () => {
  it.each([
    ['/sum', { kind: '/', query: 'sum', from: 0, to: 4 }],
    ['Hello\n/su', { kind: '/', query: 'su', from: 6, to: 9 }],
    ['Ask @GPT', { kind: '@', query: 'GPT', from: 4, to: 8 }],
    ['@', { kind: '@', query: '', from: 0, to: 1 }],
    ['See #https://a.example/B', { kind: '#', query: 'https://a.example/B', from: 4, to: 24 }],
    ['#', { kind: '#', query: '', from: 0, to: 1 }],
  ])('finds %j', (text, trigger) => expect(triggerAt(text, text.length)).toEqual(trigger));

  it.each(['and/or', 'ada@example.com', '/a b', 'see /etc', '//', '# A heading', '## ', '##', 'C#', '#!/bin/sh'])(
    'leaves %j alone',
    (text) => expect(triggerAt(text, text.length)).toBeNull(),
  );
});

describe('matching', () => {
  it('puts what begins with the words first', () =>
    expect(matching(['big-gpt', 'gpt', 'other'], 'GPT', (name) => [name])).toEqual(['gpt', 'big-gpt']));
});
