import { SvelteSet } from 'svelte/reactivity';

/** The things picked in a list, to do something with all of them at once. */
export class Selection {
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

  /** Picks all from the last picked one to this one, in the order of the list. */
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

  /** Picks all of these, or none of them where all are picked. */
  all(ids: readonly string[]): void {
    const every = ids.every((id) => this.ids.has(id));
    for (const id of ids) {
      if (every) this.ids.delete(id);
      else this.ids.add(id);
    }
  }

  /** The picked ones when this one is among them, otherwise it alone: what dragging it takes along. */
  with(id: string): string[] {
    return this.ids.has(id) ? [...this.ids] : [id];
  }
}
