import { describe, expect, it } from 'vitest';
import { columnsOf, MERGED } from './columns.ts';
import { childrenOf } from './tree.ts';
import type { History, Message } from './types.ts';

function history(models: string[], answers: (Partial<Message> & { id: string })[]): History {
  const common = { childrenIds: [], content: '', timestamp: 0 };
  const question: Message = { ...common, id: 'q', parentId: null, role: 'user', models };
  const messages: Record<string, Message> = { q: question };
  answers.forEach((answer, timestamp) => {
    messages[answer.id] = { ...common, parentId: 'q', role: 'assistant', ...answer, timestamp };
  });
  return { messages, currentId: 'q' };
}

const columns = (of: History) => columnsOf(of, childrenOf(of), 'q');

describe('columnsOf', () => {
  it('has none where one model was asked, however often it answered', () => {
    expect(columns(history(['a'], [{ id: '1', model: 'a' }, { id: '2', model: 'b' }]))).toBeNull(); // prettier-ignore
  });

  it('keeps the versions of a model in its column, whatever model wrote them', () => {
    const answers = [
      { id: '1', model: 'a', modelIdx: 0 },
      { id: '2', model: 'b', modelIdx: 1 },
      { id: '3', model: 'c', modelIdx: 0 },
    ];
    expect(columns(history(['a', 'b'], answers))).toEqual([
      { key: 0, ids: ['1', '3'] },
      { key: 1, ids: ['2'] },
    ]);
  });

  it('tells a model that was asked twice apart, and finds the column of an answer without a place', () => {
    const answers = [
      { id: '1', model: 'a', modelIdx: 0 },
      { id: '2', model: 'a', modelIdx: 1 },
    ];
    expect(columns(history(['a', 'a'], answers))?.map((column) => column.ids)).toEqual([['1'], ['2']]);
    expect(columns(history(['a', 'b'], [{ id: '1', model: 'b' }]))).toEqual([{ key: 1, ids: ['1'] }]);
  });

  it('puts what was merged last', () => {
    const answers = [{ id: '0', merged_from: ['1', '2'] }, { id: '1', modelIdx: 0 }, { id: '2', modelIdx: 1 }]; // prettier-ignore
    expect(columns(history(['a', 'b'], answers))?.map((column) => column.key)).toEqual([0, 1, MERGED]);
  });
});
