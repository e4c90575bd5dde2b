import { describe, expect, it } from 'vitest';
import { isBlind, modelName } from './names.ts';
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
