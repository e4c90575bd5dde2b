import type { LanguageSupport } from '@codemirror/language';
import { grammarOf } from '#lib/markdown/languages.ts';
import { endingOf, kindOf } from '../preview/kinds.ts';

/** Each grammar is its own file, loaded when a text of that kind is edited. */
const GRAMMARS: Record<string, () => Promise<LanguageSupport>> = {
  markdown: async () => (await import('@codemirror/lang-markdown')).markdown(),
  css: async () => (await import('@codemirror/lang-css')).css(),
  html: async () => (await import('@codemirror/lang-html')).html(),
  javascript: async () => (await import('@codemirror/lang-javascript')).javascript(),
  jsx: async () => (await import('@codemirror/lang-javascript')).javascript({ jsx: true }),
  typescript: async () => (await import('@codemirror/lang-javascript')).javascript({ typescript: true }),
  tsx: async () => (await import('@codemirror/lang-javascript')).javascript({ jsx: true, typescript: true }),
  json: async () => (await import('@codemirror/lang-json')).json(),
  python: async () => (await import('@codemirror/lang-python')).python(),
  xml: async () => (await import('@codemirror/lang-xml')).xml(),
  yaml: async () => (await import('@codemirror/lang-yaml')).yaml(),
};

/** The grammar that the text of a file is coloured by, as the file's name tells; undefined where none is known. */
export function grammarFor(name: string): (() => Promise<LanguageSupport>) | undefined {
  const language = kindOf(name, '') === 'markdown' ? 'markdown' : (grammarOf(endingOf(name)) ?? '');
  return Object.hasOwn(GRAMMARS, language) ? GRAMMARS[language] : undefined;
}
