import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ChatEvent } from '#lib/realtime/events.ts';
import { Answer } from './answer.svelte.ts';
import type { Outcome } from './outcome.ts';
import type { ComposedMessage, Message } from './types.ts';

const of = { chatId: 'c', messageId: 'm' };
const text = (offset: number, piece: string): ChatEvent => ({ ...of, kind: 'text', offset, text: piece });
const done = (content: string | null, length: number | null = null): ChatEvent => ({
  ...of,
  kind: 'done',
  content,
  length,
  usage: null,
});

function message(content = ''): Message {
  return { id: 'm', parentId: 'u', childrenIds: [], role: 'assistant', content, timestamp: 0 };
}

function composed(content: string, running = true, more: Partial<ComposedMessage> = {}): ComposedMessage {
  return { ...message(content), length: content.length, reasoning_length: 0, seq: 0, running, ...more };
}

function answering(read: () => ComposedMessage, start = '') {
  const outcomes: Outcome[] = [];
  const reads = vi.fn(async () => read());
  const answer = new Answer(message(start), { read: reads, ended: (outcome) => outcomes.push(outcome) });
  return { answer, outcomes, reads };
}

describe('Answer', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('grows by its pieces and ends with the whole text', () => {
    const { answer, outcomes, reads } = answering(() => composed(''));
    answer.apply(text(0, 'Hel'));
    answer.apply(text(3, 'lo'));
    expect(answer.text).toBe('Hello');
    answer.apply(done('Hello'));
    expect(outcomes).toMatchObject([{ content: 'Hello' }]);
    expect(answer.running).toBe(false);
    expect(reads).not.toHaveBeenCalled();
  });

  it('shows what is done before it comes, and ends with what its oldest turns were shortened to', () => {
    const { answer, outcomes } = answering(() => composed(''));
    const status = { action: 'context_summary', description: 'Summarising', done: false };
    answer.apply({ ...of, kind: 'status', status });
    answer.apply({ ...of, kind: 'status', status: { ...status, done: true } });
    expect(answer.grounds.statuses.map(({ done }) => done)).toEqual([false, true]);
    answer.apply({ ...of, kind: 'done', content: 'Hi', length: null, usage: null, summary: { text: 'Notes' } });
    expect(outcomes).toMatchObject([{ content: 'Hi', context_summary: { text: 'Notes' } }]);
    const stopped = answering(() => composed(''));
    stopped.answer.apply(text(0, 'Half'));
    stopped.answer.apply({ ...of, kind: 'cancelled', summary: { text: 'Notes' } });
    expect(stopped.outcomes).toMatchObject([{ content: 'Half', context_summary: { text: 'Notes' } }]);
  });

  it('keeps what it draws on and how that was found', () => {
    const { answer, outcomes } = answering(() => composed(''));
    const [one, two] = ['one', 'two'].map((id) => ({ source: { id }, document: [id] }));
    const status = { action: 'sources_retrieved', description: '', done: true };
    answer.apply({ ...of, kind: 'status', status });
    answer.apply({ ...of, kind: 'sources', sources: [one!], all: true });
    answer.apply({ ...of, kind: 'sources', sources: [two!], all: false });
    expect(answer.grounds.sources).toEqual([one, two]);
    answer.apply(done('Hi'));
    expect(outcomes).toMatchObject([{ content: 'Hi', sources: [one, two], statusHistory: [status] }]);
  });

  it('reads at its end what it draws on, where that was not heard of', async () => {
    const counts = { statuses: 1, sources: 1, calls: 0, reasoning: 0 };
    const end: ChatEvent = { ...of, kind: 'done', content: 'Hi', length: null, usage: null, counts };
    const sources = [{ source: { id: 'one' }, document: ['one'] }];
    const statusHistory = [{ action: 'sources_retrieved', description: '', done: true }];
    const stored = composed('Hi', false, { sources, statusHistory });
    const late = answering(() => stored);
    late.answer.apply(end);
    await vi.advanceTimersByTimeAsync(0);
    expect(late.outcomes).toMatchObject([{ content: 'Hi', sources, statusHistory }]);
    const heard = answering(() => stored);
    heard.answer.apply({ ...of, kind: 'status', status: statusHistory[0]! });
    heard.answer.apply({ ...of, kind: 'sources', sources, all: true });
    heard.answer.apply(end);
    expect(heard.outcomes).toHaveLength(1);
    expect(heard.reads).not.toHaveBeenCalled();
  });

  it('reads its end once more while an earlier reading is on its way', async () => {
    const sources = [{ source: { id: 'one' }, document: ['one'] }];
    const readings = [composed(''), composed('Hi', false, { sources })];
    const { answer, outcomes } = answering(() => readings.shift()!);
    void answer.resync();
    answer.apply({ ...of, kind: 'cancelled', counts: { statuses: 0, sources: 1, calls: 0, reasoning: 0 } });
    await vi.advanceTimersByTimeAsync(1000);
    expect(outcomes).toMatchObject([{ content: 'Hi', sources }]);
    const silent = answering(() => composed('Hi', false, { reasoning_content: 'Hm' }));
    const counts = { statuses: 0, sources: 0, calls: 0, reasoning: 2 };
    silent.answer.apply({ ...of, kind: 'done', content: 'Hi', length: null, usage: null, counts });
    await vi.advanceTimersByTimeAsync(0);
    expect(silent.outcomes).toMatchObject([{ content: 'Hi', reasoning_content: 'Hm' }]);
  });

  it('ends with what it has where the server keeps nothing', async () => {
    const outcomes: Outcome[] = [];
    const answer = new Answer(message(), { read: async () => null, ended: (outcome) => outcomes.push(outcome) });
    const counts = { statuses: 0, sources: 1, calls: 0, reasoning: 0 };
    answer.apply({ ...of, kind: 'done', content: 'Hi', length: null, usage: null, counts });
    await vi.advanceTimersByTimeAsync(0);
    expect(outcomes).toMatchObject([{ content: 'Hi' }]);
    expect(outcomes[0]).not.toHaveProperty('error');
  });

  it('goes on from the text it was opened with', () => {
    const { answer } = answering(() => composed(''), 'So far');
    answer.apply(text(4, 'ar, so good'));
    expect(answer.text).toBe('So far, so good');
  });

  it('does not ask when a late piece closes the gap by itself', async () => {
    const { answer, reads } = answering(() => composed(''));
    answer.apply(text(2, 'cd'));
    answer.apply(text(0, 'ab'));
    await vi.advanceTimersByTimeAsync(1000);
    expect(answer.text).toBe('abcd');
    expect(reads).not.toHaveBeenCalled();
  });

  it('is not ended by what was stored before the server took it', async () => {
    const { answer, outcomes, reads } = answering(() => composed('', false));
    answer.starting = true;
    await answer.resync();
    expect(reads).not.toHaveBeenCalled();
    expect(answer.running).toBe(true);
    answer.starting = false;
    await vi.advanceTimersByTimeAsync(1000);
    expect(reads).toHaveBeenCalledOnce();
    expect(outcomes).toHaveLength(1);
  });

  it('reads the message when a piece is missing, and once more when the log lags', async () => {
    const readings = [composed('ab'), composed('abcdef')];
    const { answer, reads } = answering(() => readings.shift()!);
    answer.apply(text(0, 'a'));
    answer.apply(text(6, 'gh'));
    await vi.advanceTimersByTimeAsync(200);
    expect(answer.text).toBe('ab');
    await vi.advanceTimersByTimeAsync(700);
    expect(answer.text).toBe('abcdefgh');
    expect(reads).toHaveBeenCalledTimes(2);
  });

  it('asks again when the reading failed', async () => {
    let failures = 1;
    const { answer } = answering(() => {
      if (failures-- > 0) throw new Error('no network');
      return composed('abcd');
    });
    answer.apply(text(4, 'ef'));
    await vi.advanceTimersByTimeAsync(2000);
    expect(answer.text).toBe('abcdef');
  });

  it('learns after a reconnect that the answer has ended meanwhile', async () => {
    const { answer, outcomes } = answering(() => composed('All of it', false, { usage: { total_tokens: 3 } }), 'All');
    await answer.resync();
    expect(outcomes).toEqual([{ content: 'All of it', usage: { total_tokens: 3 } }]);
  });

  it('reads the rest when the end does not carry the text and pieces are missing', async () => {
    const { answer, outcomes } = answering(() => composed('abcdef', false));
    answer.apply(text(0, 'ab'));
    answer.apply(done(null, 6));
    await vi.advanceTimersByTimeAsync(0);
    expect(outcomes).toMatchObject([{ content: 'abcdef' }]);
  });

  it('keeps the text when an error ends it', () => {
    const { answer, outcomes } = answering(() => composed(''));
    answer.apply(text(0, 'Half'));
    answer.apply({ ...of, kind: 'error', message: 'The model server hung up.' });
    answer.apply(done(null, 4));
    expect(outcomes).toMatchObject([{ content: 'Half', error: { content: 'The model server hung up.' } }]);
  });

  it('asks how it is doing after a long silence', async () => {
    const { answer, reads } = answering(() => composed('x', reads.mock.calls.length < 2));
    await vi.advanceTimersByTimeAsync(45_000);
    expect(reads).toHaveBeenCalledTimes(2);
    expect(answer.running).toBe(false);
  });

  it('takes nothing after its end', () => {
    const { answer, outcomes } = answering(() => composed(''));
    answer.apply(done('Hi'));
    answer.apply(text(2, ' again'));
    answer.apply(done('Hi again'));
    expect(answer.content).toBe('Hi');
    expect(outcomes).toHaveLength(1);
  });

  it('measures how long the model thought', () => {
    const { answer } = answering(() => composed(''));
    answer.apply({ ...of, kind: 'reasoning', offset: 0, text: 'Hm' });
    vi.advanceTimersByTime(3000);
    answer.apply(text(0, 'Yes'));
    expect(answer.reasoningDuration).toBe(3);
  });

  it('asks until a stop has come through, also without a connection', async () => {
    let running = true;
    const { answer, outcomes } = answering(() => composed('So far', running));
    answer.stopping = true;
    await answer.resync();
    expect(answer.running).toBe(true);
    running = false;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(outcomes).toMatchObject([{ content: 'So far' }]);
  });
});
