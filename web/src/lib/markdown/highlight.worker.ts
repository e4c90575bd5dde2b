import {
  createCssVariablesTheme,
  createHighlighterCore,
  type GrammarState,
  type HighlighterCore,
  type ThemedToken,
} from 'shiki/core';
import { createJavaScriptRegexEngine } from 'shiki/engine/javascript';
import { escapeHtml } from './escape';
import type { HighlightReply, HighlightRequest } from './highlight';
import { GRAMMARS } from './languages';

/** A token's colour is a CSS variable; it leaves here as a class, so that both themes are plain CSS. */
const THEME = createCssVariablesTheme({ name: 'cirrus', variablePrefix: '--tk-', fontStyle: true });

/** How far a growing block has been read: whole lines, and what the grammar knows behind them. */
interface Progress {
  language: string;
  code: string;
  lines: number;
  state: GrammarState | undefined;
}

/** A grammar's first line is slow on a busy machine; cut short, it would be coloured wrongly. */
const LIMITS = { tokenizeTimeLimit: 4000, tokenizeMaxLineLength: 20_000 };

const MAX_BLOCKS = 64;
const progress = new Map<number, Progress>();
let highlighter: Promise<HighlighterCore> | undefined;

async function ready(language: string): Promise<HighlighterCore> {
  highlighter ??= createHighlighterCore({
    themes: [THEME],
    langs: [],
    engine: createJavaScriptRegexEngine({ forgiving: true }),
  });
  const core = await highlighter;
  if (!core.getLoadedLanguages().includes(language)) await core.loadLanguage(GRAMMARS[language]!);
  return core;
}

function html(line: ThemedToken[]): string {
  return line
    .map(({ content, color }) => {
      const kind = /--tk-([\w-]+)/.exec(color ?? '')?.[1];
      return kind && kind !== 'foreground'
        ? `<span class="tk-${kind}">${escapeHtml(content)}</span>`
        : escapeHtml(content);
    })
    .join('');
}

function remember(block: number, reached: Progress): void {
  progress.delete(block);
  progress.set(block, reached);
  for (const oldest of progress.keys()) {
    if (progress.size <= MAX_BLOCKS) break;
    progress.delete(oldest);
  }
}

/** Reads only what came since the last request of the same block. */
async function highlight({ block, language, code }: HighlightRequest): Promise<HighlightReply> {
  const core = await ready(language);
  const known = progress.get(block);
  const before = known && known.language === language && code.startsWith(known.code) ? known : undefined;
  const rest = code.slice(before?.code.length ?? 0);
  const options = { lang: language, theme: 'cirrus', grammarState: before?.state, ...LIMITS };
  const tokens = core.codeToTokensBase(rest, options);
  const whole = rest.lastIndexOf('\n');
  if (whole >= 0) {
    const settled = rest.slice(0, whole);
    const lines = (before?.lines ?? 0) + settled.split('\n').length;
    const state = core.getLastGrammarState(settled, options);
    remember(block, { language, code: code.slice(0, code.length - rest.length + whole + 1), lines, state });
  }
  return { block, from: before?.lines ?? 0, lines: tokens.map(html) };
}

self.addEventListener('message', ({ data }: MessageEvent<HighlightRequest>) => {
  highlight(data).then(
    (reply) => self.postMessage(reply),
    // A grammar that did not load leaves the code plain.
    () => self.postMessage({ block: data.block, from: 0, lines: null } satisfies HighlightReply),
  );
});
