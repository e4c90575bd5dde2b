/** What the server tells of one message, read from the loosely typed `events` frame. */
export type ChatEvent = { chatId: string; messageId: string } & (
  | { kind: 'text'; offset: number | null; text: string }
  | { kind: 'reasoning'; offset: number | null; text: string }
  | {
      kind: 'done';
      content: string | null;
      length: number | null;
      usage: Record<string, unknown> | null;
      /** What the oldest turns were shortened to for it, where they were. */
      summary?: Record<string, unknown>;
      counts?: Counts;
    }
  /** What is being done before the answer comes, with what its action adds. */
  | { kind: 'status'; status: Status }
  /** What the answer draws on: all of it, or one more. */
  | { kind: 'sources'; sources: Record<string, unknown>[]; all: boolean }
  | { kind: 'error'; message: string }
  | { kind: 'cancelled'; summary?: Record<string, unknown>; counts?: Counts }
  | { kind: 'title'; title: string }
  | { kind: 'tags' }
  | { kind: 'follow_ups'; questions: string[] }
  | { kind: 'tool_calls'; calls: Record<string, unknown>[] }
  /** Which model was drawn by lot. */
  | { kind: 'model'; model: string }
);

/** How much an answer has beside its text: who joined late may have missed some of it. */
export interface Counts {
  /** Kinds of steps. */
  statuses: number;
  sources: number;
  calls: number;
  /** UTF-16 units of the reasoning. */
  reasoning: number;
}

/** A step before an answer, as its message keeps it in `statusHistory`. */
export interface Status {
  action: string;
  description: string;
  done: boolean;
  [key: string]: unknown;
}

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const number = (value: unknown): number | null => (typeof value === 'number' ? value : null);

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string' && each !== '') : [];

function completion(data: Fields): object[] {
  const events: object[] = [];
  if (text(data.selected_model_id)) events.push({ kind: 'model' as const, model: text(data.selected_model_id) });
  if (Array.isArray(data.sources)) events.push(sourcesIn(data.sources, true));
  const offset = number(data.offset);
  const choice: unknown = Array.isArray(data.choices) ? data.choices[0] : undefined;
  const delta = isFields(choice) && isFields(choice.delta) ? choice.delta : undefined;
  if (delta && text(delta.reasoning_content)) {
    events.push({ kind: 'reasoning' as const, offset, text: text(delta.reasoning_content) });
  }
  if (delta && text(delta.content)) events.push({ kind: 'text' as const, offset, text: text(delta.content) });
  const calls = delta && Array.isArray(delta.tool_calls) ? delta.tool_calls.filter(isFields) : [];
  if (calls.length > 0) events.push({ kind: 'tool_calls' as const, calls });
  if (data.done === true) {
    const content = typeof data.content === 'string' ? data.content : null;
    const usage = isFields(data.usage) ? data.usage : null;
    events.push({ kind: 'done' as const, content, length: offset, usage, ...beside(data) });
  }
  return events;
}

const sourcesIn = (found: unknown[], all: boolean) => ({
  kind: 'sources' as const,
  sources: found.filter(isFields),
  all,
});

function countsIn(counts: Fields): Counts {
  const count = (name: string) => number(counts[name]) ?? 0;
  return {
    statuses: count('statuses'),
    sources: count('sources'),
    calls: count('tool_calls'),
    reasoning: count('reasoning'),
  };
}

/** What the end of an answer says beside its text. */
function beside(data: unknown): { summary?: Fields; counts?: Counts } {
  if (!isFields(data)) return {};
  const { context_summary: summary, counts } = data;
  return {
    ...(isFields(summary) ? { summary } : {}),
    ...(isFields(counts) ? { counts: countsIn(counts) } : {}),
  };
}

/** Returns what a frame says, in order; a frame of another kind says nothing here. */
export function readFrame(frame: unknown): ChatEvent[] {
  if (!isFields(frame) || !isFields(frame.data)) return [];
  const of = { chatId: text(frame.chat_id), messageId: text(frame.message_id) };
  const { type, data } = frame.data;
  switch (type) {
    case 'chat:completion':
      return isFields(data) ? completion(data).map((event) => ({ ...of, ...event }) as ChatEvent) : [];
    case 'chat:message:error': {
      const error = isFields(data) ? data.error : undefined;
      return [{ ...of, kind: 'error', message: isFields(error) ? text(error.content) : text(error) }];
    }
    case 'chat:tasks:cancel':
      return [{ ...of, kind: 'cancelled', ...beside(data) }];
    case 'chat:title':
      return typeof data === 'string' ? [{ ...of, kind: 'title', title: data }] : [];
    case 'status': {
      if (!isFields(data)) return [];
      const { action, description, done } = data;
      const status = { ...data, action: text(action), description: text(description), done: done === true };
      return [{ ...of, kind: 'status', status }];
    }
    case 'sources':
      return Array.isArray(data) ? [{ ...of, ...sourcesIn(data, true) }] : [];
    case 'source':
    case 'citation':
      return isFields(data) ? [{ ...of, ...sourcesIn([data], false) }] : [];
    case 'chat:tags':
      return [{ ...of, kind: 'tags' }];
    case 'chat:message:follow_ups':
      return [{ ...of, kind: 'follow_ups', questions: texts(isFields(data) ? data.follow_ups : data) }];
    default:
      return [];
  }
}
