import { isKeeping } from '#lib/api/kept.ts';
import type { MessageFile } from '../types.ts';

/** Kept with what else belongs to the person on this device, so that signing out removes it. */
const key = (chatId: string | null) => `cirrus.kept.draft.${chatId ?? 'new'}`;
const attachedKey = (chatId: string | null) => `cirrus.kept.attached.${chatId ?? 'new'}`;

/** What was written in a chat and not sent yet. */
export function readDraft(chatId: string | null): string {
  try {
    return localStorage.getItem(key(chatId)) ?? '';
  } catch {
    return '';
  }
}

export function keepDraft(chatId: string | null, text: string): void {
  keep(key(chatId), text.trim() && text);
}

/** Forgets a draft that was sent; until then a reload brings it back, and what was written meanwhile stays. */
export function dropDraft(chatId: string | null, text: string): void {
  if (readDraft(chatId) === text) keepDraft(chatId, '');
}

/** What was to go along with it. */
export function readAttached(chatId: string | null): MessageFile[] {
  try {
    const items: unknown = JSON.parse(localStorage.getItem(attachedKey(chatId)) ?? '[]');
    return Array.isArray(items) ? items.filter((each): each is MessageFile => typeof each?.type === 'string') : [];
  } catch {
    return [];
  }
}

export function keepAttached(chatId: string | null, items: readonly MessageFile[]): void {
  // A file may arrive after the person has left.
  if (isKeeping()) keep(attachedKey(chatId), items.length > 0 ? JSON.stringify(items) : '');
}

function keep(place: string, text: string): void {
  try {
    if (text) localStorage.setItem(place, text);
    else localStorage.removeItem(place);
  } catch {
    // No room or no storage: the draft lives as long as the page.
  }
}
