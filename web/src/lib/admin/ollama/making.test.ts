import { describe, expect, it } from 'vitest';
import { isTaken, placeOf, sameName } from './names';
import { blankDraft, recipeOf } from './recipe';

describe('names of models', () => {
  it('mean the latest without a tag, whatever stands before it', () => {
    expect(sameName('small', 'small:latest')).toBe(true);
    expect(sameName('localhost:5000/me/small', 'localhost:5000/me/small:latest')).toBe(true);
    expect(sameName('small:1b', 'small')).toBe(false);
    expect(isTaken(' small ', [{ name: 'small:latest', model: 'small:latest', size: 1 }])).toBe(true);
  });
  it('say where they are pushed to', () => {
    expect(placeOf('me/small')).toBe('ollama.com/me/small');
    expect(placeOf('registry.example.com/me/small:1b')).toBe('registry.example.com/me/small:1b');
    for (const name of ['', 'small', '/small', 'me/', 'me//small']) expect(placeOf(name)).toBeUndefined();
  });
});

describe('a model that is made of another one', () => {
  it('takes from it what is left empty', () => {
    expect(recipeOf('small', blankDraft())).toEqual({ from: 'small' });
  });
  it('has the parameters by the names that Ollama has for them', () => {
    const numbers = { temperature: 0, max_tokens: '100', num_ctx: 8192, seed: null, top_p: '' };
    expect(recipeOf('small', { system: ' Rhyme. ', numbers, stop: 'END\n\nSTOP\n' })).toEqual({
      from: 'small',
      system: 'Rhyme.',
      parameters: { temperature: 0, num_predict: 100, num_ctx: 8192, stop: ['END', 'STOP'] },
    });
  });
});
