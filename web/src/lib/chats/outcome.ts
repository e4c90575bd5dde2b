import type { ComposedMessage, Message } from './types.ts';

/** How an answer ended, as far as the events told. */
export type Outcome = Partial<Message> & { content: string };

/** Where an answer is read from, and who is told of its end. */
export interface Source {
  /** Null where the server keeps nothing: what is missing then can only still arrive. */
  read: () => Promise<ComposedMessage | null>;
  ended: (outcome: Outcome) => void;
}

/** How long an answer took, in seconds; the moments are milliseconds since the epoch. */
export function timed(startedAt: number, firstAt: number, now = Date.now()): NonNullable<Message['timing']> {
  return { first_token: (firstAt - startedAt) / 1000, total: (now - startedAt) / 1000 };
}

/** Those of the fields that have something in them. */
export function given(fields: Partial<Message>): Partial<Message> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value));
}
