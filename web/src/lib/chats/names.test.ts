import { describe, expect, it } from 'vitest';
import { beginning, isBlind, modelName } from './names.ts';
import type { Message } from './types.ts';

const drawn = { model: 'arena-model', modelName: 'Arena', selectedModelId: 'm1' } as Message;

describe('the name over an answer', () => {
  it('is that of its model', () => expect(modelName({ model: 'm1', modelName: 'One' } as Message)).toBe('One'));

  it('tells whom an arena drew only after the vote', () => {
    expect([isBlind(drawn), modelName(drawn)]).toEqual([true, 'Arena']);
    const voted: Message = { ...drawn, annotation: { rating: 1 } };
    expect([isBlind(voted), modelName(voted)]).toEqual([false, 'm1']);
  });
});

describe('the name of a chat without a title', () => {
  it('is the beginning of its question on one line', () => {
    expect(beginning('  How do\n I sort? ')).toBe('How do I sort?');
    expect(beginning(' \n')).toBe('');
  });

  it('ends with a word, or within one that is too long', () => {
    expect(beginning('word '.repeat(40))).toBe(`${'word '.repeat(15).trim()}…`);
    expect(beginning('👋'.repeat(90))).toBe(`${'👋'.repeat(79)}…`);
  });
});
