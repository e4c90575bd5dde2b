import { self } from '$app/service-worker';
import type { Ended, Open } from '#lib/installed/messages.ts';

/** What a notification remembers of the page that asked for it. */
interface Origin {
  path: string | null;
  client: string;
}

const windows = () => self.clients.matchAll({ type: 'window' });
const pathOf = (client: WindowClient) => new URL(client.url).pathname;

/** Tells the person of an answer, unless they see its chat in another tab or were told already. */
export async function tell({ path, title, body, tag }: Ended, client: string): Promise<void> {
  const seen = (await windows()).some((tab) => tab.visibilityState === 'visible' && pathOf(tab) === path);
  if (seen || (await self.registration.getNotifications({ tag })).length > 0) return;
  const data: Origin = { path, client };
  await self.registration.showNotification(title, { body, tag, data, icon: '/icons/192.png', badge: '/icons/192.png' });
}

/** Shows what a notification was about: in the tab that has it open, in another one of the app, or in a new one. */
export async function show(notification: Notification): Promise<void> {
  notification.close();
  const { path, client } = notification.data as Origin;
  const tabs = await windows();
  const tab = tabs.find((one) => pathOf(one) === path) ?? tabs.find((one) => one.id === client) ?? tabs[0];
  if (!tab) return void (await self.clients.openWindow(path ?? '/'));
  // Browsers let a click on a notification do this, and nothing else.
  await tab.focus().catch(() => undefined);
  const open: Open | null = path === null || pathOf(tab) === path ? null : { kind: 'open', path };
  if (open) tab.postMessage(open);
}
