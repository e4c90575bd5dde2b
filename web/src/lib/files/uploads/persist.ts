import { ApiError } from '#lib/api/errors.ts';

const TRIES = 5;
const PAUSE_MS = 1_000;

/** Whether something was ended on purpose. */
export const isAbort = (error: unknown): boolean => error instanceof DOMException && error.name === 'AbortError';

/** Asking again is of use when no answer came, when there were too many requests, and when the server had a problem. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429;

export type Patience = {
  /** Whether trying again is of no use after this error; an end on purpose is always one. */
  hopeless?: (error: unknown) => boolean;
  /** Before the second try, in milliseconds; about twice as long before each further one. */
  pause?: number;
};

/**
 * Tries something up to five times, unless it was refused; `again` says that it is not the first try. Throws what the last
 * one threw.
 */
export async function persist<Result>(
  act: (again: boolean) => Promise<Result>,
  { hopeless = isRefusal, pause = PAUSE_MS }: Patience = {},
): Promise<Result> {
  for (let tried = 1; ; tried++) {
    try {
      return await act(tried > 1);
    } catch (error) {
      if (isAbort(error) || tried === TRIES || hopeless(error)) throw error;
      // What failed together is not tried again together.
      const wait = pause * 2 ** (tried - 1) * (0.75 + Math.random() / 2);
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}
