import { describe, expect, it } from 'vitest';
import { startingModel, startingModels } from './choice';

const models = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];

describe('startingModel', () => {
  it('prefers what the person chose last', () => expect(startingModel(models, ['c'], 'b')).toBe('c'));
  it('passes over a chosen model that is gone', () => expect(startingModel(models, ['gone'], 'b')).toBe('b'));
  it('reads a list in the admin default', () => expect(startingModel(models, undefined, ' gone , b')).toBe('b'));
  it('falls back to the first model', () => expect(startingModel(models, null, null)).toBe('a'));
  it('knows when there is none', () => expect(startingModel([], ['a'], 'b')).toBeUndefined());
});

describe('startingModels', () => {
  it('keeps all that were chosen and are there', () =>
    expect(startingModels(models, ['c', 'gone', 'a'], 'b')).toEqual(['c', 'a']));
  it('takes all of the admin default otherwise', () => expect(startingModels(models, [], 'b, c')).toEqual(['b', 'c']));
});
