/** How a file goes in parts: some at once, each tried again where that may help; what has gone need not go again. */
import { persist } from './persist.ts';

const AT_ONCE = 3;
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

/** What each part is called once it is there, and how many bytes of it have gone. */
export interface Gone {
  names: (string | undefined)[];
  bytes: number[];
}

/** Where a file begins of which nothing has gone. */
export const nothing = (parts: number): Gone => ({
  names: new Array<undefined>(parts).fill(undefined),
  bytes: new Array<number>(parts).fill(0),
});

/**
 * Sends the parts that have not gone yet; the names of all in order. Throws what the last try of a part threw: what is in
 * `gone` then is what another call goes on from.
 */
export async function inParts(gone: Gone, sending: Sending, pause?: number): Promise<string[]> {
  const { names, bytes } = gone;
  const patience = pause === undefined ? {} : { pause };
  let failed = false;

  function moved(number: number, sent: number): void {
    bytes[number - 1] = sent;
    sending.onprogress(bytes.reduce((sum, some) => sum + some, 0));
  }

  async function one(number: number, place: string): Promise<void> {
    await persist(
      async (again) => {
        try {
          const url = again ? ((await sending.places(number, 1))[0] ?? '') : place;
          names[number - 1] = await sending.put(url, number, (sent) => moved(number, sent));
        } catch (error) {
          moved(number, 0);
          throw error;
        }
      },
      { ...patience, hopeless: () => failed },
    );
  }

  async function lane(batch: number[], from: number, places: string[]): Promise<void> {
    for (let number = batch.shift(); number !== undefined && !failed; number = batch.shift()) {
      try {
        await one(number, places[number - from] ?? '');
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  }

  const missing = names.flatMap((name, index) => (name === undefined ? [index + 1] : []));
  while (missing.length > 0) {
    const from = missing[0]!;
    const batch = missing.splice(0, missing.filter((number) => number < from + ASKED).length);
    const places = await persist(() => sending.places(from, batch.at(-1)! - from + 1), patience);
    await Promise.all(Array.from({ length: AT_ONCE }, () => lane(batch, from, places)));
  }
  return names as string[];
}
