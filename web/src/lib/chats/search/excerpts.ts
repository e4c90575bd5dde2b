import type { Message } from '../types.ts';

/** A stretch of a message: what was found in it, and what is around. */
export type Excerpt = { id: string; role: Message['role']; parts: { text: string; hit: boolean }[] };

const AROUND = 90;
const plain = (text: string) => text.toLocaleLowerCase();

/** The words of a search, without what narrows it. */
export function wordsOf(query: string): string[] {
  return query
    .split(/\s+/u)
    .filter((word) => word && !/^(tag|folder|pinned|archived|shared):/i.test(word))
    .map((word) => word.replace(/^["']+|["']+$/g, ''))
    .filter(Boolean);
}

/** Messages that have one of the words, cut down to what is around it; without words, the last messages. */
export function excerpts(messages: readonly Message[], query: string, most = 6): Excerpt[] {
  const words = wordsOf(query).map(plain);
  const found = messages.filter((message) => words.some((word) => plain(message.content).includes(word)));
  const shown = found.length ? found.slice(0, most) : messages.slice(-most);
  return shown.map((message) => ({ id: message.id, role: message.role, parts: cut(message.content, words) }));
}

function cut(content: string, words: readonly string[]): { text: string; hit: boolean }[] {
  const text = content.replace(/\s+/gu, ' ').trim();
  const lower = plain(text);
  // Where lower case is longer than the text, places would not fit: it is shown without marks.
  const usable = lower.length === text.length ? words : [];
  const places = usable.map((word) => lower.indexOf(word)).filter((place) => place >= 0);
  const start = Math.max(0, (places.length ? Math.min(...places) : 0) - AROUND);
  const end = Math.min(text.length, start + 3 * AROUND);
  const parts: { text: string; hit: boolean }[] = [];
  const add = (piece: string, hit: boolean) => piece && parts.push({ text: piece, hit });
  let at = start;
  while (at < end) {
    const next = usable
      .map((word) => ({ place: lower.indexOf(word, at), length: word.length }))
      .filter(({ place }) => place >= 0 && place < end)
      .sort((a, b) => a.place - b.place || b.length - a.length)[0];
    add(text.slice(at, next?.place ?? end), false);
    if (!next) break;
    add(text.slice(next.place, next.place + next.length), true);
    at = next.place + next.length;
  }
  if (start > 0) parts.unshift({ text: '… ', hit: false });
  if (end < text.length) parts.push({ text: ' …', hit: false });
  return parts;
}
