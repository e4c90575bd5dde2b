import { longestAgreement } from './agreement.ts';

/** A text without what breaking lines and hyphenation change about it, and where each of its letters came from. */
function letters(texts: readonly string[]): { text: string; from: number[] } {
  let text = '';
  const from: number[] = [];
  texts.forEach((each, index) => {
    for (const sign of each.normalize('NFKC').toLowerCase()) {
      if (!/[\p{L}\p{N}]/u.test(sign)) continue;
      text += sign;
      for (let unit = 0; unit < sign.length; unit++) from.push(index);
    }
  });
  return { text, from };
}

/** So many letters of a passage are more than chance, where not all of it is on the page. */
const ENOUGH = 40;

/**
 * Which of the texts of a page hold a passage, as the first and the last index; null where none do. Of a passage that
 * begins or ends on another page, or differs somewhere, it is the longest piece that is on this one.
 */
export function findPassage(texts: readonly string[], passage: string): [first: number, last: number] | null {
  const page = letters(texts);
  const { text: wanted } = letters([passage]);
  const { start, length } = longestAgreement(page.text, wanted);
  if (length === 0 || length < Math.min(wanted.length, ENOUGH)) return null;
  return [page.from[start]!, page.from[start + length - 1]!];
}
