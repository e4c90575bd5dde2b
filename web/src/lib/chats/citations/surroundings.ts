import { findPassage } from '#lib/files/preview/passage.ts';

export interface Surroundings {
  before: string;
  passage: string;
  after: string;
}

/** A passage with about `margin` words of the document around it; null when the document has it not (any more). */
export function surroundings(document: string, passage: string, margin = 60): Surroundings | null {
  const words = document.split(/(?<=\s)(?=\S)/);
  const found = findPassage(words, passage);
  if (!found) return null;
  const [first, last] = found;
  // A part of the passage may stand elsewhere.
  if (last - first > 2 * passage.split(/\s+/).length) return null;
  const [from, to] = [Math.max(0, first - margin), Math.min(words.length, last + 1 + margin)];
  return {
    before: (from > 0 ? '… ' : '') + words.slice(from, first).join(''),
    passage: words.slice(first, last + 1).join(''),
    after: words.slice(last + 1, to).join('') + (to < words.length ? '…' : ''),
  };
}
