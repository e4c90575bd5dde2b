import { describe, expect, it } from 'vitest';
import { EXTRACTION, LOADERS, RERANKERS, SEARCH } from './engines.ts';
import { enteredValue, listOf, shownValue } from './values.ts';

describe('values', () => {
  it.each([
    [' a ', 'text', 'a'],
    ['12', 'number', 12],
    ['', 'number', null],
    ['x', 'number', undefined],
    ['', 'json', {}],
    ['{"a": 1}', 'json', { a: 1 }],
    ['[1]', 'json', undefined],
    ['{', 'json', undefined],
  ] as const)('are stored of %j as %s', (text, kind, value) => expect(enteredValue(text, kind)).toEqual(value));

  it('are shown as they can be typed', () => {
    expect(shownValue(null, 'number')).toBe('');
    expect(shownValue(3, 'number')).toBe('3');
    expect(shownValue({}, 'json')).toBe('');
    expect(enteredValue(shownValue({ a: [1] }, 'json'), 'json')).toEqual({ a: [1] });
  });

  it('come in lists of words or lines', () => expect(listOf(' pdf, md\n pdf ')).toEqual(['pdf', 'md']));
});

it.each(Object.entries({ EXTRACTION, SEARCH, LOADERS, RERANKERS }))(
  '%s names each engine once, with words',
  (_, engines) => {
    const values = engines.map(({ value }) => value);
    expect(new Set(values).size).toBe(values.length);
    for (const { label, fields } of engines) {
      expect(label()).not.toBe('');
      for (const field of fields) expect(field).toMatchObject({ name: expect.stringMatching(/^[A-Z_0-9]+$/) });
      for (const field of fields) expect(field.label()).not.toBe('');
    }
  },
);
