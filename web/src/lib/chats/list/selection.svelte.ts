import { SvelteSet } from 'svelte/reactivity';

/** The chats picked in the list, to do something with all of them at once. */
class Selection {
  readonly ids = new SvelteSet<string>();
  /** Where a range with Shift begins. */
  #anchor: string | null = null;

  get active(): boolean {
    return this.ids.size > 0;
  }

  has(id: string): boolean {
    return this.ids.has(id);
  }

  toggle(id: string): void {
    if (!this.ids.delete(id)) this.ids.add(id);
    this.#anchor = id;
  }

  /** Picks all from the last picked chat to this one, in the order of the list. */
  extend(id: string, order: readonly string[]): void {
    const from = order.indexOf(this.#anchor ?? id);
    const to = order.indexOf(id);
    if (from < 0 || to < 0) return this.toggle(id);
    for (const each of order.slice(Math.min(from, to), Math.max(from, to) + 1)) this.ids.add(each);
  }

  clear(): void {
    this.ids.clear();
    this.#anchor = null;
  }

  /** The picked chats when this one is among them, otherwise it alone: what dragging it takes along. */
  with(id: string): string[] {
    return this.ids.has(id) ? [...this.ids] : [id];
  }
}

export const selection = new Selection();
