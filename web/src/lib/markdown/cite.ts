/** What the text of an answer may refer to by `[number]`, and what happens on a click. */
export interface Cites {
  /** The first is `[1]`. */
  names: readonly string[];
  label: (number: number, name: string) => string;
  open: (number: number) => void;
}

/** `[1]`, `[1, 3]`, and the lenticular brackets that some models write. */
const MARK = /[[【](\d{1,3}(?:\s*[,;]\s*\d{1,3})*)(?:†[^\]】\n]{0,80})?[\]】]/g;
/** Where such a mark is no citation. */
const VERBATIM = 'a, code, pre, kbd, samp, button, [data-tex]';

/** The text with its marks as lists of numbers; a mark that names nothing stays text. */
export function citedParts(text: string, count: number): (string | number[])[] {
  const parts: (string | number[])[] = [];
  let from = 0;
  for (const found of text.matchAll(MARK)) {
    const numbers = found[1]!.split(/\D+/).map(Number);
    if (!numbers.every((number) => number >= 1 && number <= count)) continue;
    if (found.index > from) parts.push(text.slice(from, found.index));
    parts.push(numbers);
    from = found.index + found[0].length;
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts;
}

function button(number: number, { names, label }: Cites): HTMLButtonElement {
  const name = names[number - 1] ?? '';
  const element = Object.assign(document.createElement('button'), { type: 'button', textContent: String(number) });
  element.setAttribute('aria-label', label(number, name));
  Object.assign(element.dataset, { cite: String(number), tooltip: name });
  return element;
}

/** Turns the marks in a rendered block into buttons. */
export function renderCites(node: HTMLElement, cites: Cites): void {
  const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
  const texts: Text[] = [];
  while (walker.nextNode()) {
    const text = walker.currentNode as Text;
    const within = text.parentElement;
    if (within !== node && within && !within.closest(VERBATIM) && /[[【]\d/.test(text.data)) texts.push(text);
  }
  for (const text of texts) {
    const parts = citedParts(text.data, cites.names.length);
    if (parts.every((part) => typeof part === 'string')) continue;
    text.replaceWith(
      ...parts.flatMap((part): (string | Node)[] =>
        typeof part === 'string' ? [part] : part.map((number) => button(number, cites)),
      ),
    );
  }
}

/** Opens what a click on a mark inside `node` refers to. */
export function openCites(node: HTMLElement, cites: Cites): () => void {
  function click(event: MouseEvent): void {
    const mark = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-cite]') : null;
    if (mark) cites.open(Number(mark.dataset.cite));
  }
  node.addEventListener('click', click);
  return () => node.removeEventListener('click', click);
}
