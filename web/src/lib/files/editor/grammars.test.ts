import { expect, it } from 'vitest';
import { grammarFor } from './grammars.ts';

it.each([
  ['notes.md', 'markdown'],
  ['page.mdx', 'markdown'],
  ['data.jsonl', 'json'],
  ['setup.PY', 'python'],
  ['ci.yml', 'yaml'],
  ['drawing.svg', 'xml'],
])('colours %s as %s', async (name, language) => {
  expect((await grammarFor(name)?.())?.language.name).toBe(language);
});

it.each(['report.docx', 'scan.pdf', 'notes.txt', 'constructor', 'a.rs'])('leaves the text of %s as it is', (name) => {
  expect(grammarFor(name)).toBeUndefined();
});
