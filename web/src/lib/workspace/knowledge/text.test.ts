import { expect, it } from 'vitest';
import { addressesIn, asAddress, textFile } from './text.ts';

it('names a text as its title, without what names may not have', () => {
  expect(textFile('Opening hours: Berlin/Mitte', 'x').name).toBe('Opening hours Berlin Mitte.md');
  expect(textFile('..', 'x').name).toBe('text.md');
});

it('knows addresses', () => {
  expect(asAddress(' example.org/tea ')).toBe('https://example.org/tea');
  expect(asAddress('http://example.org')).toBe('http://example.org/');
  for (const entry of ['tea', 'two words.org x', '', 'https://']) expect(asAddress(entry)).toBeNull();
});

it('reads one address a line', () => {
  expect(addressesIn('example.org\n\nhttps://example.org/\nnot one\n')).toEqual({
    addresses: ['https://example.org/'],
    wrong: ['not one'],
  });
});
