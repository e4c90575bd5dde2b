import { errorText } from '#lib/api/errors.ts';
import { m } from '#lib/paraglide/messages.js';
import { emptyAnswer } from './actions.ts';
import { answers } from './answers.svelte.ts';
import { saveMessages } from './api.ts';
import { cachedHistory, changeHistory } from './cache.ts';
import { columnsOf, MERGED } from './columns.ts';
import { given } from './outcome.ts';
import { streamed } from './streaming.ts';
import { childrenOf, put, remove } from './tree.ts';

/** Puts one answer together from those to a question; it is written here and stored when it has ended. */
export async function merge(chatId: string, questionId: string): Promise<void> {
  const history = cachedHistory(chatId);
  const question = history?.messages[questionId];
  if (!history || !question) return;
  const columns = columnsOf(history, childrenOf(history), questionId) ?? [];
  const texts = columns
    .filter((column) => column.key !== MERGED)
    .map((column) => column.ids.map((id) => history.messages[id]!).findLast((message) => message.content))
    .filter((message) => message !== undefined);
  const first = texts[0];
  if (!first?.model) return;
  const model = { id: first.model, name: m.chat_merged() };
  const merged = emptyAnswer(questionId, model, { merged_from: texts.map((message) => message.id) });
  changeHistory(chatId, (now) => put(now, [merged], merged.id));
  const controller = new AbortController();
  const answer = answers.followHere(chatId, merged, () => controller.abort());
  try {
    const responses = texts.map(({ content }) => content);
    const request = { model: first.model, prompt: question.content, responses, chat_id: chatId, stream: true };
    let offset = 0;
    for await (const text of streamed('/api/v1/tasks/moa/completions', request, controller.signal)) {
      answer.apply({ chatId, messageId: merged.id, kind: 'text', offset, text });
      offset += text.length;
    }
    // Shown as done once it is kept: a page left before would lose it.
    const { text, timing } = answer;
    await saveMessages(chatId, [{ ...merged, content: text, ...given({ timing }), done: true }], merged.id);
    answer.apply({ chatId, messageId: merged.id, kind: 'done', content: null, length: offset, usage: null });
    return;
  } catch (error) {
    if (controller.signal.aborted) answer.apply({ chatId, messageId: merged.id, kind: 'cancelled' });
    else answer.fail(errorText(error));
  }
  const ended = cachedHistory(chatId)?.messages[merged.id];
  if (ended?.content) await saveMessages(chatId, [ended], merged.id);
  else if (controller.signal.aborted) changeHistory(chatId, (now) => remove(now, [merged.id]));
}
