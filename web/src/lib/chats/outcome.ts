import type { ComposedMessage, Message } from './types.ts';

/** How an answer ended, as far as the events told. */
export type Outcome = Partial<Message> & { content: string };

/** Where an answer is read from, and who is told of its end. */
export interface Source {
  read: () => Promise<ComposedMessage>;
  ended: (outcome: Outcome) => void;
}
