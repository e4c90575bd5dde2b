/** Whether a question can be asked now; unknown while what decides it is still on its way. */
export type Readiness = 'ready' | 'unknown' | 'closed';

interface Known {
  chatId: () => string | null;
  readiness: () => Readiness;
  /** Asks again for what could not be loaded. */
  retry: () => Promise<unknown>;
}

interface Held {
  chatId: string | null;
  done: () => void;
}

/** Holds a question that is sent before it is known whom to ask, as on a page that has just been opened. */
export class Gate {
  #known: Known;
  #held = $state.raw<Held | null>(null);

  constructor(known: Known) {
    this.#known = known;
  }

  /** A question of the chat on screen is held. */
  get holding(): boolean {
    return this.#held !== null && this.#held.chatId === this.#known.chatId();
  }

  /** To be called when what decides has changed. */
  check(now: Readiness): void {
    if (now !== 'unknown') this.#held?.done();
  }

  /**
   * Waits until it is known; returns whether a question can be sent then. It cannot when the person has gone to another
   * chat meanwhile.
   */
  async opens(): Promise<boolean> {
    const { chatId, readiness, retry } = this.#known;
    if (readiness() === 'ready') return true;
    const from = chatId();
    let held: Held | undefined;
    await new Promise<void>((done) => {
      this.#held?.done();
      this.#held = held = { chatId: from, done };
      if (readiness() === 'closed') void retry().then(() => done());
    });
    if (this.#held === held) this.#held = null;
    return chatId() === from && readiness() === 'ready';
  }
}
