import type { ChatEvent, Counts, Status } from '#lib/realtime/events.ts';
import { joinCalls } from '../tools.ts';
import type { Message, ToolCall } from '../types.ts';
import type { MessageSource } from './sources.ts';

/** What an answer has beside its text: sources, how they were found, the summary of the oldest turns, calls of tools. */
export class Grounds {
  statuses = $state.raw<Status[]>([]);
  sources = $state.raw<MessageSource[]>([]);
  calls = $state.raw<ToolCall[]>([]);
  #summary: Message['context_summary'];

  constructor(message: Message) {
    this.adopt(message);
  }

  apply(event: ChatEvent): void {
    if (event.kind === 'status') this.statuses = [...this.statuses, event.status];
    if (event.kind === 'sources') this.sources = event.all ? event.sources : [...this.sources, ...event.sources];
    if (event.kind === 'tool_calls') this.calls = joinCalls(this.calls, event.calls);
    if (event.kind === 'done' || event.kind === 'cancelled') this.#summary = event.summary;
  }

  /** Whether all of it was heard of that the answer ended with. */
  has({ statuses, sources, calls }: Counts): boolean {
    const kinds = this.statuses.filter(({ action }, at) => this.statuses.findIndex((s) => s.action === action) === at);
    return kinds.length >= statuses && this.sources.length >= sources && this.calls.length >= calls;
  }

  /** Takes over what the stored message has. */
  adopt({ sources, statusHistory, tool_calls }: Message): void {
    if (sources?.length) this.sources = sources;
    if (tool_calls?.length) this.calls = tool_calls;
    if (statusHistory?.length) this.statuses = statusHistory;
  }

  /** What the message keeps of it. */
  get kept(): Partial<Message> {
    return {
      ...(this.#summary ? { context_summary: this.#summary } : {}),
      ...(this.sources.length > 0 ? { sources: this.sources } : {}),
      ...(this.calls.length > 0 ? { tool_calls: this.calls } : {}),
      ...(this.statuses.length > 0 ? { statusHistory: this.statuses } : {}),
    };
  }
}
