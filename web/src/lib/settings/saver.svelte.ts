import { SvelteMap } from 'svelte/reactivity';
import { m } from '#lib/paraglide/messages.js';
import { notifyError } from '#lib/ui/toast.ts';

/** How long the tick of a saved field stays, in milliseconds. */
const SHOWN_MS = 2500;

/** Saves the fields of a page as they change, one after the other, and knows which show the tick. */
export class Saver {
  #shown = new SvelteMap<string, ReturnType<typeof setTimeout>>();
  #last: Promise<unknown> = Promise.resolve();

  /** Whether the field was saved a moment ago. */
  saved(field: string): boolean {
    return this.#shown.has(field);
  }

  /** Runs `save` after those before it; a failure is told with a retry, and `rollback` puts the field back. */
  save(field: string, save: () => Promise<unknown>, rollback?: () => void): Promise<void> {
    const turn = this.#last.then(async () => {
      try {
        await save();
        this.#tick(field);
      } catch (error) {
        rollback?.();
        notifyError(m.settings_save_failed(), error, () => void this.save(field, save, rollback));
      }
    });
    this.#last = turn;
    return turn;
  }

  #tick(field: string): void {
    clearTimeout(this.#shown.get(field));
    this.#shown.set(
      field,
      setTimeout(() => this.#shown.delete(field), SHOWN_MS),
    );
  }
}
