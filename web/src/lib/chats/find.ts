import type { Message } from './types.ts';

/** A place where the words stand: the message, and which of the places in it. */
export interface Hit {
  id: string;
  place: number;
}

function places(text: string, words: string): number[] {
  const found: number[] = [];
  for (let at = text.indexOf(words); at !== -1; at = text.indexOf(words, at + words.length)) found.push(at);
  return found;
}

/** Where words stand in messages, whatever their case, from the first message to the last. */
export function found(messages: Message[], words: string): Hit[] {
  const wanted = words.trim().toLowerCase();
  if (!wanted) return [];
  return messages.flatMap(({ id, content }) =>
    places(content.toLowerCase(), wanted).map((_, place): Hit => ({ id, place })),
  );
}

/** The same places on the page, for marking. Words that stand across elements are not marked. */
export function rangesIn(node: HTMLElement, words: string): Range[] {
  const wanted = words.trim().toLowerCase();
  const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
  const ranges: Range[] = [];
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    for (const at of places(text.nodeValue?.toLowerCase() ?? '', wanted)) {
      const range = document.createRange();
      range.setStart(text, at);
      range.setEnd(text, at + wanted.length);
      ranges.push(range);
    }
  }
  return ranges;
}
