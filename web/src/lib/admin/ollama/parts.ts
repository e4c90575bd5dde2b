/** How a file goes in parts: some at once, each tried again where that may help. */

const AT_ONCE = 3;
const TRIES = 5;
const PAUSE_MS = 1_000;
/** For so many parts addresses are asked for together: they are good for an hour. */
const ASKED = 20;

export interface Sending {
  /** Where parts go, from number `first` on; parts count from 1. */
  places: (first: number, count: number) => Promise<string[]>;
  /** Sends a part; what it is called there. */
  put: (url: string, number: number, onprogress: (bytes: number) => void) => Promise<string>;
  /** Told the bytes sent so far. */
  onprogress: (sent: number) => void;
}

const aborted = (error: unknown) => error instanceof DOMException && error.name === 'AbortError';

/** Sends all parts; their names in order. Throws what the last try of a part threw. */
export async function inParts({ parts }: { parts: number }, sending: Sending, pause = PAUSE_MS): Promise<string[]> {
  const names = new Array<string>(parts);
  const sent = new Array<number>(parts).fill(0);
  let next = 1;
  let failed = false;
  let places: string[] = [];
  let from = 1;

  function moved(number: number, bytes: number): void {
    sent[number - 1] = bytes;
    sending.onprogress(sent.reduce((sum, some) => sum + some, 0));
  }

  async function placeOf(number: number, again: boolean): Promise<string> {
    if (again) return (await sending.places(number, 1))[0] ?? '';
    return places[number - from] ?? '';
  }

  async function one(number: number): Promise<void> {
    for (let tried = 1; ; tried++) {
      try {
        const url = await placeOf(number, tried > 1);
        names[number - 1] = await sending.put(url, number, (bytes) => moved(number, bytes));
        return;
      } catch (error) {
        moved(number, 0);
        if (aborted(error) || failed || tried === TRIES) throw error;
        await new Promise((resolve) => setTimeout(resolve, pause * 2 ** (tried - 1)));
      }
    }
  }

  async function lane(last: number): Promise<void> {
    while (!failed && next <= last) {
      try {
        await one(next++);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  }

  while (next <= parts) {
    from = next;
    const last = Math.min(parts, from + ASKED - 1);
    places = await sending.places(from, last - from + 1);
    await Promise.all(Array.from({ length: AT_ONCE }, () => lane(last)));
  }
  return names;
}
