import { newId } from '#lib/id.ts';
import type { Written } from '../actions.ts';

/** A question that waits for the answer before it. */
export type Queued = Written & { id: string };

/** Kept with what else belongs to the person on this device, so that signing out removes it. */
const key = (chatId: string) => `cirrus.kept.queue.${chatId}`;

function read(chatId: string): Queued[] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(key(chatId)) ?? '[]');
    return Array.isArray(list) ? (list as Queued[]) : [];
  } catch {
    return [];
  }
}

/** What was sent in a chat while an answer was being written; survives a reload. */
export class Queue {
  list = $state.raw<Queued[]>([]);
  #chatId: string | null = null;

  /** Shows what waits in a chat; `same`: it is the new chat that was being made, so what waited in it stays. */
  open(chatId: string | null, same = false): void {
    const waiting = same && this.#chatId === null ? this.list : [];
    this.#chatId = chatId;
    this.list = chatId === null ? [] : read(chatId);
    if (waiting.length > 0) this.#keep([...this.list, ...waiting]);
  }

  add(question: Written): void {
    this.#keep([...this.list, { ...question, id: newId() }]);
  }

  /** Takes a question out, the next one unless it is named. */
  take(id = this.list[0]?.id): Queued | undefined {
    const taken = this.list.find((each) => each.id === id);
    if (taken) this.#keep(this.list.filter((each) => each !== taken));
    return taken;
  }

  /** Puts a question back in front. */
  putBack(question: Queued): void {
    this.#keep([question, ...this.list]);
  }

  #keep(list: Queued[]): void {
    this.list = list;
    if (this.#chatId === null) return;
    try {
      if (list.length > 0) localStorage.setItem(key(this.#chatId), JSON.stringify(list));
      else localStorage.removeItem(key(this.#chatId));
    } catch {
      // No room or no storage: the queue lives as long as the page.
    }
  }
}
