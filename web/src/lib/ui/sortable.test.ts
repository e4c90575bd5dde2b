import { describe, expect, it } from 'vitest';
import { reordered } from './sortable';

describe('reordered', () => {
  const ids = ['a', 'b', 'c'];
  it('puts an item before or after another', () => {
    expect(reordered(ids, 'c', 'a', false)).toEqual(['c', 'a', 'b']);
    expect(reordered(ids, 'a', 'b', true)).toEqual(['b', 'a', 'c']);
  });
  it('leaves the list when there is nowhere to go', () => {
    expect(reordered(ids, 'a', 'a', true)).toEqual(ids);
    expect(reordered(ids, 'a', 'gone', true)).toEqual(ids);
  });
});
