import type { Upload } from './uploads.svelte.ts';

/** What the uploads of a tab come to. Bytes; `done` counts files. */
export type Sum = {
  count: number;
  done: number;
  failed: number;
  paused: number;
  moving: number;
  sent: number;
  size: number;
};

export function sumOf(uploads: readonly Upload[]): Sum {
  const sum: Sum = { count: uploads.length, done: 0, failed: 0, paused: 0, moving: 0, sent: 0, size: 0 };
  for (const { state, sent, size } of uploads) {
    if (state === 'waiting' || state === 'sending') sum.moving += 1;
    else sum[state] += 1;
    sum.sent += state === 'done' ? size : sent;
    sum.size += size;
  }
  return sum;
}

/** What needs looking at first, then what is under way, then what waits; what is done needs no line. */
const RANK = { failed: 0, sending: 1, paused: 2, waiting: 3, done: 4 };

/** The uploads to show a line of each, and how many more wait. */
export function lines(uploads: readonly Upload[], most: number): { shown: Upload[]; more: number } {
  const open = uploads.filter(({ state }) => state !== 'done').sort((a, b) => RANK[a.state] - RANK[b.state]);
  return { shown: open.slice(0, most), more: Math.max(0, open.length - most) };
}
