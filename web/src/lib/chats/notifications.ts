import { goto } from '$app/navigation';
import { resolve } from '$app/paths';
import { settingsQuery } from '#lib/accounts/queries.ts';
import { queryClient } from '#lib/api/queries.ts';
import { m } from '#lib/paraglide/messages.js';
import { cachedHistory } from './cache.ts';
import { modelName } from './names.ts';
import { isTemporary } from './temporary.ts';

const LONGEST = 160;

/** Whether this browser can show notifications at all. */
export const canNotify = (): boolean => 'Notification' in globalThis;

/** Says that an answer has ended, where the person wants to know and is looking elsewhere. */
export function notifyEnd(chatId: string, messageId: string): void {
  const wanted = queryClient.getQueryData(settingsQuery.queryKey)?.ui?.notificationEnabled === true;
  if (!wanted || !document.hidden || !canNotify() || Notification.permission !== 'granted') return;
  const message = cachedHistory(chatId)?.messages[messageId];
  if (!message) return;
  const title = m.notify_answer({ model: modelName(message) });
  // Several tabs may know of the same answer: the tag makes one notification of theirs.
  const shown = new Notification(title, { body: message.content.slice(0, LONGEST), tag: messageId, icon: '/mark.svg' });
  shown.onclick = () => {
    window.focus();
    shown.close();
    if (!isTemporary(chatId)) void goto(resolve(`c/${chatId}`));
  };
}
