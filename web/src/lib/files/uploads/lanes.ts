import { isAbort } from './persist.ts';

/** Works off what is put in, in order and at most `most` at once. */
export class Lanes {
  #waiting: string[] = [];
  #running = new Map<string, AbortController>();

  /** `work` is told what to do and when to end it; what it throws is given to `failed`, save an end on purpose. */
  constructor(
    private readonly most: number,
    private readonly work: (id: string, signal: AbortSignal) => Promise<void>,
    private readonly failed: (id: string, error: unknown) => void,
  ) {}

  get idle(): boolean {
    return this.#waiting.length === 0 && this.#running.size === 0;
  }

  /** Puts something at the end; what is waiting or being done already stays where it is. */
  add(id: string): void {
    if (this.#running.has(id) || this.#waiting.includes(id)) return;
    this.#waiting.push(id);
    this.#next();
  }

  /** Ends something, or takes it out before it begins. */
  stop(id: string): void {
    this.#waiting = this.#waiting.filter((each) => each !== id);
    this.#running.get(id)?.abort();
    // It may be put in again before its end has come about.
    this.#running.delete(id);
    this.#next();
  }

  #next(): void {
    while (this.#running.size < this.most) {
      const id = this.#waiting.shift();
      if (id === undefined) return;
      const end = new AbortController();
      this.#running.set(id, end);
      void this.#do(id, end);
    }
  }

  async #do(id: string, end: AbortController): Promise<void> {
    try {
      await this.work(id, end.signal);
    } catch (error) {
      if (!end.signal.aborted && !isAbort(error)) this.failed(id, error);
    } finally {
      if (this.#running.get(id) === end) this.#running.delete(id);
      this.#next();
    }
  }
}
