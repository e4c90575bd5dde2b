import type { Children } from './tree.ts';
import type { History, Message } from './types.ts';

/** The answers of one model to a question that several were asked. */
export interface Column {
  key: number;
  /** Its versions, in the order they were made. */
  ids: string[];
}

/** The column of what was put together from the others. */
export const MERGED = -1;

function columnOf(answer: Message, models: string[]): number {
  if (answer.merged_from) return MERGED;
  if (typeof answer.modelIdx === 'number') return answer.modelIdx;
  return Math.max(0, models.indexOf(answer.model ?? ''));
}

/** The answers to a question by model, merged ones last; null unless several models were asked, or one drawn twice. */
export function columnsOf(history: History, children: Children, questionId: string | null): Column[] | null {
  const question = questionId === null ? undefined : history.messages[questionId];
  const models = question?.models ?? [];
  if (!question || models.length < 2) return null;
  const columns = new Map<number, string[]>();
  for (const id of children.get(question.id) ?? []) {
    const answer = history.messages[id];
    if (answer?.role !== 'assistant') continue;
    const key = columnOf(answer, models);
    columns.set(key, [...(columns.get(key) ?? []), id]);
  }
  const place = (key: number) => (key === MERGED ? Infinity : key);
  return [...columns].sort(([a], [b]) => place(a) - place(b)).map(([key, ids]) => ({ key, ids }));
}
