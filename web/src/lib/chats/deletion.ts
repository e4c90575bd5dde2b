import { m } from '#lib/paraglide/messages.js';
import { notifyError, offerUndo } from '#lib/ui/toast.ts';
import { answers } from './answers.svelte.ts';
import { saveMessages } from './api.ts';
import { cachedHistory, changeHistory, refreshChat } from './cache.ts';
import { removing } from './removal.ts';
import { put, remove, withBelow } from './tree.ts';

/** Takes a message off the screen with all below it; the server is told when the person has let the chance to undo pass. */
export function deleteMessage(chatId: string, id: string, stop: (id: string) => void): void {
  const before = cachedHistory(chatId);
  if (!before) return;
  const gone = withBelow(before, [id]);
  const messages = [...gone].map((each) => before.messages[each]!);
  for (const each of gone) if (answers.of(each)?.running) stop(each);
  removing.set(chatId, new Set([...(removing.get(chatId) ?? []), ...gone]));
  changeHistory(chatId, (history) => remove(history, gone));
  const settle = () => {
    const left = new Set([...(removing.get(chatId) ?? [])].filter((each) => !gone.has(each)));
    if (left.size > 0) removing.set(chatId, left);
    else removing.delete(chatId);
  };
  offerUndo(m.chat_message_deleted({ count: gone.size }), {
    undo: () => {
      settle();
      changeHistory(chatId, (history) => put(history, messages, before.currentId));
    },
    commit: () => {
      const currentId = cachedHistory(chatId)?.currentId ?? null;
      saveMessages(chatId, [], currentId, [...gone]).then(settle, (error: unknown) => {
        settle();
        void refreshChat(chatId);
        notifyError(m.chat_message_delete_failed(), error);
      });
    },
  });
}
