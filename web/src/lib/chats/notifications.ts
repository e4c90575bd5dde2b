import { resolve } from '$app/paths';
import { settingsQuery } from '#lib/accounts/queries.ts';
import { queryClient } from '#lib/api/queries.ts';
import type { Ended } from '#lib/installed/messages.ts';
import { m } from '#lib/paraglide/messages.js';
import { cachedHistory } from './cache.ts';
import { modelName } from './names.ts';
import { isTemporary } from './temporary.ts';

const LONGEST = 160;

/** Whether this browser shows notifications: by the service worker, which phones insist on. */
export const canNotify = (): boolean => 'Notification' in globalThis && 'serviceWorker' in navigator;

/** Whether the person has let this browser show notifications. */
export const mayNotify = (): boolean => canNotify() && Notification.permission === 'granted';

/** Says that an answer has ended, where the person wants to know and is looking elsewhere. */
export function notifyEnd(chatId: string, messageId: string): void {
  const wanted = queryClient.getQueryData(settingsQuery.queryKey)?.ui?.notificationEnabled === true;
  if (!wanted || !document.hidden || !mayNotify()) return;
  const message = cachedHistory(chatId)?.messages[messageId];
  if (!message) return;
  const ended: Ended = {
    kind: 'ended',
    path: isTemporary(chatId) ? null : resolve(`c/${chatId}`),
    title: m.notify_answer({ model: modelName(message) }),
    body: message.content.slice(0, LONGEST),
    tag: messageId,
  };
  void navigator.serviceWorker.ready.then(({ active }) => active?.postMessage(ended));
}
