import type { Attachment } from 'svelte/attachments';
import { renderCites, type Cites } from './cite';
import { highlight, newBlock } from './highlight';
import { grammarOf } from './languages';

type Katex = typeof import('katex').default;

const MAX_FORMULAS = 500;
const formulas = new Map<string, string>();
let katex: Katex | undefined;
let loading: Promise<Katex> | undefined;

function loadKatex(): Promise<Katex> {
  loading ??= Promise.all([import('katex'), import('katex/dist/katex.min.css')]).then(
    ([module]) => (katex = module.default),
  );
  return loading;
}

function renderFormula(engine: Katex, element: HTMLElement): void {
  const tex = element.dataset.tex ?? '';
  const displayMode = element.dataset.display === 'true';
  const key = `${displayMode}${tex}`;
  let html = formulas.get(key);
  if (html === undefined) {
    html = engine.renderToString(tex, { displayMode, throwOnError: false, trust: false, maxExpand: 200, maxSize: 20 });
    if (formulas.size >= MAX_FORMULAS) formulas.clear();
    formulas.set(key, html);
  }
  element.innerHTML = html;
}

function renderFormulas(node: HTMLElement): void {
  const found = [...node.querySelectorAll<HTMLElement>('[data-tex]')];
  if (found.length === 0) return;
  const all = (engine: Katex) => found.forEach((element) => renderFormula(engine, element));
  if (katex) all(katex);
  else void loadKatex().then(all);
}

/** Code inside a list or a quotation: coloured once, when it stands. */
function colourNestedCode(node: HTMLElement): void {
  for (const element of node.querySelectorAll<HTMLElement>('pre[data-language] > code')) {
    const language = grammarOf(element.parentElement?.dataset.language ?? '');
    const code = element.textContent ?? '';
    if (!language || code === '') continue;
    void highlight({ block: newBlock(), language, code }).then(({ lines }) => {
      if (lines && element.textContent === code) element.innerHTML = lines.join('\n');
    });
  }
}

/** Puts formulas, colours and references into the sanitised HTML of a block, each time that HTML changes. */
export function enhance(html: string, open: boolean, cites?: Cites): Attachment<HTMLElement> {
  return (node) => {
    if (cites && cites.names.length > 0) renderCites(node, cites);
    if (html.includes('data-tex')) renderFormulas(node);
    if (!open && html.includes('data-language')) colourNestedCode(node);
  };
}
