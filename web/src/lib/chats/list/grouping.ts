import type { Schemas } from '#lib/api/client.ts';

/** A chat as the list shows it; times are epoch seconds. */
export type ChatHead = Schemas['ListedInFolder'];

/** A line of the list: the name of a stretch of time, or a chat. */
export type Line = { kind: 'heading'; id: string; label: string } | { kind: 'chat'; id: string; chat: ChatHead };

type Labels = { today: string; yesterday: string; week: string; month: string };

const DAY = 86_400_000;

function label(time: number, now: Date, labels: Labels, locale: string): string {
  const date = new Date(time);
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
  // Noon keeps days of 23 and 25 hours apart from their neighbours.
  const noon = new Date(date.getFullYear(), date.getMonth(), date.getDate(), 12).getTime();
  const days = Math.floor((midnight + DAY - noon) / DAY);
  if (days <= 0) return labels.today;
  if (days === 1) return labels.yesterday;
  if (days < 7) return labels.week;
  if (days < 30) return labels.month;
  const sameYear = date.getFullYear() === now.getFullYear();
  return new Intl.DateTimeFormat(locale, { month: 'long', ...(sameYear ? {} : { year: 'numeric' }) }).format(date);
}

/** The lines of the list, newest first, each stretch of time under its name. */
export function group(chats: readonly ChatHead[], now: Date, labels: Labels, locale: string): Line[] {
  const lines: Line[] = [];
  let current = '';
  for (const chat of chats) {
    const name = label(chat.updated_at * 1000, now, labels, locale);
    if (name !== current) lines.push({ kind: 'heading', id: `heading:${name}`, label: name });
    current = name;
    lines.push({ kind: 'chat', id: chat.id, chat });
  }
  return lines;
}

/** Pages as one list: each chat once, where it was met first, since a page shifts when a chat moves up. */
export function flatten(pages: readonly (readonly ChatHead[])[], hidden: ReadonlySet<string>): ChatHead[] {
  const seen = new Set(hidden);
  return pages.flat().filter((chat) => !seen.has(chat.id) && seen.add(chat.id));
}

/** The first page with a chat put on top: a new one, or one that something happened in. */
export function onTop(pages: readonly (readonly ChatHead[])[], chat: ChatHead): ChatHead[][] {
  const rest = pages.map((page) => page.filter((other) => other.id !== chat.id));
  return [[chat, ...(rest[0] ?? [])], ...rest.slice(1)];
}

/** The pages with a fresh first page: rows known before stay where the fresh page does not say otherwise. */
export function withFreshFirst(pages: readonly (readonly ChatHead[])[], fresh: readonly ChatHead[]): ChatHead[][] {
  const ids = new Set(fresh.map((chat) => chat.id));
  const oldest = fresh.at(-1)?.updated_at ?? 0;
  // A row that was above the fresh page's end and is not on it has been deleted.
  const rest = pages.slice(1).map((page) => page.filter((chat) => !ids.has(chat.id)));
  const tail = (pages[0] ?? []).filter((chat) => !ids.has(chat.id) && chat.updated_at < oldest);
  return [[...fresh, ...tail], ...rest];
}
