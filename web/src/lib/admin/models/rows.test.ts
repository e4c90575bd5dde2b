import { describe, expect, it } from 'vitest';
import { defaultsOf, ordered, toggledDefault } from './rows';

const model = (id: string) => ({ id, name: id, preset: undefined, own: false });

describe('models of an admin', () => {
  it('stand in the order given, the others after them as they come', () => {
    const found = ordered([model('a'), model('b'), model('c')], ['c', 'gone', 'b']);
    expect(found.map(({ id }) => id)).toEqual(['c', 'b', 'a']);
  });
  it('become defaults and stop being some', () => {
    const form = { DEFAULT_MODELS: 'a, b', MODEL_ORDER_LIST: null };
    expect(defaultsOf(form)).toEqual(['a', 'b']);
    expect(toggledDefault(form, 'c')).toBe('a,b,c');
    expect(toggledDefault(form, 'a')).toBe('b');
    expect(toggledDefault({ ...form, DEFAULT_MODELS: 'a' }, 'a')).toBeNull();
  });
});
