import type { ChatEvent, Status } from '#lib/realtime/events.ts';
import type { Message } from '../types.ts';
import type { MessageSource } from './sources.ts';

/** What an answer draws on: sources, how they were found, and the summary of the oldest turns, as the server tells it. */
export class Grounds {
  statuses = $state.raw<Status[]>([]);
  sources = $state.raw<MessageSource[]>([]);
  #summary: Message['context_summary'];

  constructor(message: Message) {
    this.adopt(message);
  }

  apply(event: ChatEvent): void {
    if (event.kind === 'status') this.statuses = [...this.statuses, event.status];
    if (event.kind === 'sources') this.sources = event.all ? event.sources : [...this.sources, ...event.sources];
    if (event.kind === 'done' || event.kind === 'cancelled') this.#summary = event.summary;
  }

  /** Takes over what the stored message has. */
  adopt({ sources, statusHistory }: Message): void {
    if (sources?.length) this.sources = sources;
    if (statusHistory?.length) this.statuses = statusHistory;
  }

  /** What the message keeps of it. */
  get kept(): Partial<Message> {
    return {
      ...(this.#summary ? { context_summary: this.#summary } : {}),
      ...(this.sources.length > 0 ? { sources: this.sources } : {}),
      ...(this.statuses.length > 0 ? { statusHistory: this.statuses } : {}),
    };
  }
}
