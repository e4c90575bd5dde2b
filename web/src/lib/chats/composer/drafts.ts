/** Kept with what else belongs to the person on this device, so that signing out removes it. */
const key = (chatId: string | null) => `cirrus.kept.draft.${chatId ?? 'new'}`;

/** What was written in a chat and not sent yet. */
export function readDraft(chatId: string | null): string {
  try {
    return localStorage.getItem(key(chatId)) ?? '';
  } catch {
    return '';
  }
}

export function keepDraft(chatId: string | null, text: string): void {
  try {
    if (text.trim()) localStorage.setItem(key(chatId), text);
    else localStorage.removeItem(key(chatId));
  } catch {
    // No room or no storage: the draft lives as long as the page.
  }
}
