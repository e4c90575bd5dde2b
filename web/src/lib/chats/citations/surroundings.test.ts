import { expect, it } from 'vitest';
import { surroundings } from './surroundings.ts';

const document = `${'before '.repeat(30)}The light-\nhouse was built in 1804.${' after'.repeat(30)}`;

it('shows the words around a passage, and where the document goes on', () => {
  const found = surroundings(document, 'The lighthouse was built in 1804.', 2)!;
  expect(found.before).toBe('… before before ');
  expect(found.passage.trim()).toBe('The light-\nhouse was built in 1804.');
  expect(found.after.trim()).toBe('after after …');
});

it('says nothing where the document has the passage not', () => {
  expect(surroundings(document, 'A whale')).toBeNull();
  const end = 'something else altogether that was there, and then the lighthouse was built in 1804.';
  expect(surroundings(document, end)).toBeNull();
});
