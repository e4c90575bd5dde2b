import { describe, expect, it } from 'vitest';
import { readFrame } from './events';

const frame = (type: string, data: unknown) => ({ chat_id: 'c', message_id: 'm', data: { type, data } });
const of = { chatId: 'c', messageId: 'm' };

describe('readFrame', () => {
  it('reads a piece of text with its place', () => {
    const data = { choices: [{ delta: { content: 'Hi' } }], seq: 3, offset: 10 };
    expect(readFrame(frame('chat:completion', data))).toEqual([{ ...of, kind: 'text', offset: 10, text: 'Hi' }]);
  });

  it('reads reasoning apart from the answer', () => {
    const data = { choices: [{ delta: { reasoning_content: 'Hm' } }], seq: 0, offset: 0 };
    expect(readFrame(frame('chat:completion', data))).toEqual([{ ...of, kind: 'reasoning', offset: 0, text: 'Hm' }]);
  });

  it('reads the end, with and without the whole text', () => {
    expect(readFrame(frame('chat:completion', { done: true, content: 'Hi', usage: { total_tokens: 2 } }))).toEqual([
      { ...of, kind: 'done', content: 'Hi', length: null, usage: { total_tokens: 2 } },
    ]);
    expect(readFrame(frame('chat:completion', { done: true, offset: 90_000 }))).toEqual([
      { ...of, kind: 'done', content: null, length: 90_000, usage: null },
    ]);
  });

  it('reads what is being done before an answer, and what its oldest turns were shortened to', () => {
    const status = { action: 'context_summary', description: 'Summarising', done: false };
    expect(readFrame(frame('status', { ...status, count: 3 }))).toEqual([
      { ...of, kind: 'status', status: { ...status, count: 3 } },
    ]);
    expect(readFrame(frame('status', null))).toEqual([]);
    const summary = { text: 'Notes', covers: 3 };
    expect(readFrame(frame('chat:completion', { done: true, content: 'Hi', context_summary: summary }))).toEqual([
      { ...of, kind: 'done', content: 'Hi', length: null, usage: null, summary },
    ]);
  });

  it('reads errors, a stop and a title', () => {
    expect(readFrame(frame('chat:message:error', { error: { content: 'No key' } }))).toEqual([
      { ...of, kind: 'error', message: 'No key' },
    ]);
    expect(readFrame(frame('chat:tasks:cancel', {}))).toEqual([{ ...of, kind: 'cancelled' }]);
    const summary = { text: 'Notes', covers: 2 };
    expect(readFrame(frame('chat:tasks:cancel', { context_summary: summary }))).toEqual([
      { ...of, kind: 'cancelled', summary },
    ]);
    expect(readFrame(frame('chat:title', 'Tea'))).toEqual([{ ...of, kind: 'title', title: 'Tea' }]);
  });

  it('reads tags, follow-ups, tool calls and whom an arena drew', () => {
    expect(readFrame(frame('chat:tags', ['tea']))).toEqual([{ ...of, kind: 'tags' }]);
    expect(readFrame(frame('chat:message:follow_ups', { follow_ups: ['Why?', 7] }))).toEqual([
      { ...of, kind: 'follow_ups', questions: ['Why?'] },
    ]);
    const calls = [{ index: 0, function: { name: 'time', arguments: '' } }];
    expect(readFrame(frame('chat:completion', { choices: [{ delta: { tool_calls: calls } }], seq: 0 }))).toEqual([
      { ...of, kind: 'tool_calls', calls },
    ]);
    expect(readFrame(frame('chat:completion', { selected_model_id: 'm1' }))).toEqual([
      { ...of, kind: 'model', model: 'm1' },
    ]);
  });

  it('reads what an answer draws on, in every form of the contract', () => {
    const source = { source: { id: 'f', name: 'tea.pdf' }, document: ['Tea'], metadata: [{}] };
    const all = [{ ...of, kind: 'sources', sources: [source], all: true }];
    expect(readFrame(frame('chat:completion', { sources: [source, 7] }))).toEqual(all);
    expect(readFrame(frame('sources', [source]))).toEqual(all);
    expect(readFrame(frame('source', source))).toEqual([{ ...of, kind: 'sources', sources: [source], all: false }]);
    expect(readFrame(frame('citation', 7))).toEqual([]);
  });

  it.each([
    null,
    1,
    'x',
    {},
    { data: null },
    frame('other', {}),
    frame('chat:completion', null),
    frame('chat:title', 7),
  ])('says nothing for a frame it does not know: %j', (strange) => expect(readFrame(strange)).toEqual([]));
});
