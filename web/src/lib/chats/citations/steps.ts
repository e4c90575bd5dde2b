import { m } from '#lib/paraglide/messages.js';
import type { Status } from '#lib/realtime/events.ts';

/** A step on the way to an answer, in words. */
export interface Step {
  text: string;
  queries: string[];
  links: { url: string; title: string }[];
  running: boolean;
  failed: boolean;
}

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string' && each.trim() !== '') : [];

/** The pages that a search found; an address that is none of the web is not offered. */
function links({ items, urls }: Status): Step['links'] {
  const named = Array.isArray(items) ? (items as { link?: unknown; title?: unknown }[]) : [];
  const known = new Map(named.flatMap((each) => (each?.link ? [[String(each.link), String(each.title ?? '')]] : [])));
  return [...new Set([...texts(urls), ...known.keys()])]
    .filter((url) => /^https?:\/\//i.test(url))
    .map((url) => ({ url, title: known.get(url) || url }));
}

function words(status: Status, queries: string[]): string {
  const { action, description, done, count, error } = status;
  const sites = texts(status.urls).length;
  switch (action) {
    case 'web_search':
      if (!done) return m.step_web();
      if (sites > 0) return m.step_web_done({ count: sites });
      return error ? m.step_web_failed() : m.step_web_none();
    case 'web_search_queries_generated':
      return queries.length > 0 ? m.step_web_for() : m.step_web();
    case 'files_pending':
      return m.step_pending();
    case 'search_waking':
      return m.step_waking();
    case 'queries_generated':
    case 'knowledge_search':
      if (error && description) return description;
      return queries.length > 0 ? m.step_files_for() : m.step_files();
    case 'sources_retrieved':
      return Number(count) > 0 ? m.step_found({ count: Number(count) }) : m.step_found_none();
    case 'memory_search':
      return m.step_memories();
    default:
      return description.replace('{{count}}', String(count ?? sites));
  }
}

/** What is shown of the steps: each in the person's language, none that is only for the record. */
export function stepsOf(statuses: readonly Status[] | null | undefined): Step[] {
  const shown = (Array.isArray(statuses) ? (statuses as Status[]) : []).filter(
    (status) => status && !status.hidden && status.action !== 'context_summary',
  );
  return shown.flatMap((status, index) => {
    const queries = [...texts(status.queries), ...texts([status.query])];
    const text = words(status, queries);
    const running = !status.done && index === shown.length - 1;
    return text ? [{ text, queries, links: links(status), running, failed: Boolean(status.error) }] : [];
  });
}
