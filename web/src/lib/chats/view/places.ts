/** Where a person was in a chat: how far from the end, and how many messages were on the page. */
export interface Place {
  rest: number;
  shown: number;
}

const key = (chatId: string) => `cirrus.place.${chatId}`;

/** Returns the place of this tab in a chat, if the person had left its end. */
export function recallPlace(chatId: string): Place | null {
  try {
    return JSON.parse(sessionStorage.getItem(key(chatId)) ?? 'null') as Place | null;
  } catch {
    return null;
  }
}

/** Keeps the place over a reload; null: at the end. */
export function keepPlace(chatId: string, place: Place | null): void {
  try {
    if (place) sessionStorage.setItem(key(chatId), JSON.stringify(place));
    else sessionStorage.removeItem(key(chatId));
  } catch {
    // No storage: the next visit begins at the end.
  }
}
