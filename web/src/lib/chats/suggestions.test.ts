import { describe, expect, it } from 'vitest';
import { suggestionsOf } from './suggestions.ts';

describe('suggestionsOf', () => {
  it('reads titles in two parts, and texts without a title', () => {
    const default_prompt_suggestions = [
      { title: ['Plan', 'a quiet weekend'], content: 'Plan a weekend' },
      { content: 'Hi' },
    ];
    expect(suggestionsOf({ default_prompt_suggestions })).toEqual([
      { title: 'Plan', detail: 'a quiet weekend', text: 'Plan a weekend' },
      { title: 'Hi', detail: '', text: 'Hi' },
    ]);
  });

  it.each([
    undefined,
    {},
    { default_prompt_suggestions: 'x' },
    { default_prompt_suggestions: [null, { title: 'no text' }] },
  ])('has none in %j', (config) => expect(suggestionsOf(config)).toEqual([]));
});
