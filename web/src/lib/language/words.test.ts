import { readdirSync, readFileSync } from 'node:fs';
import { parse, type AST } from 'svelte/compiler';
import ts from 'typescript';
import { expect, it } from 'vitest';

const source = new URL('../../', import.meta.url);
const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
  (name) => !name.includes('paraglide/') && !name.endsWith('.test.ts'),
);
const read = (name: string) => readFileSync(new URL(encodeURI(name), source), 'utf8');

/** What is the same in every language: names, formats, values. */
const NAMES =
  /\b(Cirrus|Markdown|PDF|JSON|Azure|OpenAI|Anthropic|Claude|Google|Gemini|Ctrl|API|URL|https?:\S+|sk-\S*)\b/g;
/** Attributes that people read or hear. */
const SPOKEN = new Set(['aria-label', 'aria-description', 'placeholder', 'title', 'alt', 'label', 'hint', 'text']);

/** The words that a component shows in one language only. */
function words(name: string): string[] {
  const found: string[] = [];
  const add = (text: string) => /\p{L}{2}/u.test(text.replace(NAMES, '')) && found.push(`${name}: ${text.trim()}`);
  function walk(node: unknown): void {
    if (Array.isArray(node)) return node.forEach(walk);
    if (typeof node !== 'object' || node === null) return;
    const { type } = node as { type?: string };
    if (type === 'Attribute') {
      const attribute = node as AST.Attribute;
      if (!SPOKEN.has(attribute.name) || attribute.value === true) return;
      for (const part of [attribute.value].flat()) if (part.type === 'Text') add(part.data);
    } else if (type === 'Text') add((node as AST.Text).data);
    else if (type !== 'StyleDirective') Object.values(node).forEach(walk);
  }
  walk(parse(read(name), { modern: true }).fragment);
  return found;
}

it('shows no words but those of the catalogs', () => {
  const components = files.filter((name) => name.endsWith('.svelte'));
  expect(components.length).toBeGreaterThan(100);
  expect(components.flatMap(words)).toEqual([]);
});

/** The messages that a module asks for as it is loaded: a catalog may come after it. */
function early(name: string): string[] {
  const text = name.endsWith('.ts')
    ? read(name)
    : (/<script[^>]*\bmodule\b[^>]*>(.*?)<\/script>/s.exec(read(name))?.[1] ?? '');
  const found: string[] = [];
  function walk(node: ts.Node): void {
    if (ts.isFunctionLike(node)) return;
    if (ts.isCallExpression(node) && node.expression.getText(file).startsWith('m.'))
      found.push(`${name}: ${node.getText(file)}`);
    ts.forEachChild(node, walk);
  }
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.Latest);
  walk(file);
  return found;
}

it('asks for no message before the catalog is there', () => {
  expect(files.filter((name) => /\.(svelte|ts)$/.test(name)).flatMap(early)).toEqual([]);
});
