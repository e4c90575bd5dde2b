import { expect, it } from 'vitest';
import { decode } from './bytes.ts';
import { MOST_ROWS, separatorOf, tableOf } from './table.ts';

it('finds what separates the columns', () => {
  expect(separatorOf('name,city\nAda,"London, UK"\n')).toBe(',');
  expect(separatorOf('name;price\ntea;1,50\nrum;2,50\n')).toBe(';');
  expect(separatorOf('a\tb\n1\t2')).toBe('\t');
  expect(separatorOf('one column\nonly')).toBe(',');
});

it('reads a table, quoted cells and short rows too', () => {
  expect(tableOf('\ufeffname,city\nAda,"London, ""UK"""\nGrace\n\n')).toEqual({
    head: ['name', 'city'],
    rows: [
      ['Ada', 'London, "UK"'],
      ['Grace', ''],
    ],
    more: 0,
  });
  expect(tableOf('')).toEqual({ head: [], rows: [], more: 0 });
});

it('shows the beginning of a long one', () => {
  const { rows, more } = tableOf(`a,b\n${'1,2\n'.repeat(MOST_ROWS + 7)}`);
  expect([rows.length, more]).toEqual([MOST_ROWS, 7]);
});

it('reads text of other character sets', () => {
  expect(decode(new TextEncoder().encode('Grüße'))).toBe('Grüße');
  expect(decode(new Uint8Array([0x47, 0x72, 0xfc, 0xdf, 0x65]))).toBe('Grüße');
  expect(decode(new Uint8Array([0xff, 0xfe, 0x41, 0]))).toBe('A');
  expect(decode(new TextEncoder().encode('tea ☕').subarray(0, 6))).toBe('tea ');
});
