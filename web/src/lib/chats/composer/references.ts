import type { MessageFile } from '../types.ts';

/** The web address that was typed behind `#`, complete; null while it is none. */
export function addressIn(query: string): string | null {
  if (!/^(https?:\/\/|www\.)/i.test(query)) return null;
  try {
    const url = new URL(/^www\./i.test(query) ? `https://${query}` : query);
    return /\.[^.]|^localhost$|^\[/.test(url.hostname) ? url.href : null;
  } catch {
    return null;
  }
}

/** What tells one attached thing from another: a thing is attached once. */
export const keyOf = ({ type, id, url, collection_name }: MessageFile): string =>
  `${type === 'url' || type === 'text' ? 'web' : type}:${id ?? url ?? collection_name ?? ''}`;

/** Where an attached thing can be looked at; null where it cannot. Only the web leaves this site. */
export function placeOf({ type, id, url }: MessageFile): string | null {
  if (type === 'file' && id) return `/api/v1/files/${encodeURIComponent(id)}/content`;
  if (type === 'collection' && id) return `/workspace/knowledge/${encodeURIComponent(id)}`;
  if (type === 'chat' && id) return `/c/${encodeURIComponent(id)}`;
  return url && /^https?:\/\//i.test(url) ? url : null;
}
