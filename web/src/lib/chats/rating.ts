import { saveFeedback, saveMessages } from './api.ts';
import { cachedHistory, patchMessage } from './cache.ts';
import { branchOf, childrenOf, siblingsOf } from './tree.ts';
import type { Annotation, Message } from './types.ts';

/** The last save of each answer's rating: the next one changes what it made. */
const saving = new Map<string, Promise<string | undefined>>();

/** Keeps how a person judges an answer, with the message and for the comparison of models. */
export async function rate(chatId: string, message: Message, annotation: Annotation): Promise<void> {
  const history = cachedHistory(chatId);
  if (!history) return;
  const before = { annotation: message.annotation ?? null };
  patchMessage(chatId, message.id, { annotation });
  const judged = (of: Message) => of.selectedModelId ?? of.model ?? '';
  const others = siblingsOf(history, childrenOf(history), message.id).ids.filter((id) => id !== message.id);
  const form = {
    type: 'rating',
    data: {
      ...annotation,
      model_id: judged(message),
      sibling_model_ids: others.flatMap((id) => judged(history.messages[id]!) || []),
    },
    meta: {
      arena: message.selectedModelId !== undefined,
      model_id: message.model,
      message_id: message.id,
      message_index: branchOf({ ...history, currentId: message.id }).length,
      chat_id: chatId,
    },
  };
  const earlier = saving.get(message.id)?.catch(() => undefined);
  const saved = (async () => saveFeedback((await earlier) ?? message.feedbackId, form))();
  saving.set(message.id, saved);
  try {
    const feedbackId = await saved;
    patchMessage(chatId, message.id, { feedbackId });
    await saveMessages(chatId, [{ ...message, annotation, feedbackId }], null);
  } catch (error) {
    patchMessage(chatId, message.id, before);
    throw error;
  } finally {
    if (saving.get(message.id) === saved) saving.delete(message.id);
  }
}
