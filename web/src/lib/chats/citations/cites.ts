import type { Cites } from '#lib/markdown/cite.ts';
import { m } from '#lib/paraglide/messages.js';
import { sourcePanel } from './panel.svelte.ts';
import type { Citation } from './sources.ts';

/** What the numbers in an answer refer to; undefined where it drew on nothing. */
export function citesOf(citations: Citation[]): Cites | undefined {
  if (citations.length === 0) return undefined;
  return {
    names: citations.map(({ name }) => name),
    label: (number, name) => m.citation({ number, name }),
    open: (number) => sourcePanel.open(citations, number),
  };
}
