import { completeText } from '../api.ts';

/** How long the person must pause before something is offered. */
const PAUSE_MS = 600;
const SHORTEST = 8;

/** What the person may mean to go on writing, offered behind the caret. */
export class Ghost {
  text = $state('');
  #timer: ReturnType<typeof setTimeout> | undefined;
  #controller: AbortController | undefined;

  /** The field has changed; `model` is undefined where nothing is to be offered. */
  after(words: string, model: string | undefined): void {
    this.clear();
    if (!model || words.trim().length < SHORTEST) return;
    this.#timer = setTimeout(() => void this.#offer(words, model), PAUSE_MS);
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#controller?.abort();
    this.text = '';
  }

  async #offer(words: string, model: string): Promise<void> {
    const controller = (this.#controller = new AbortController());
    try {
      const text = await completeText(model, words, controller.signal);
      if (!controller.signal.aborted) this.text = text.startsWith(words) ? text.slice(words.length) : text;
    } catch {
      // Nothing was asked for, so nothing is missed.
    }
  }
}
