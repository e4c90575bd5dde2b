import { self } from '$app/service-worker';
import type { Ended, Open, Where } from '#lib/installed/messages.ts';

/** What a notification remembers of the page that asked for it. */
interface Origin {
  path: string | null;
  client: string;
}

/** How long a page may take to say where it is. */
const ASK_MS = 500;
/** For how long nobody is told of the same again. */
const AGAIN_MS = 60_000;

const windows = () => self.clients.matchAll({ type: 'window' });

/** Whether a page shows this path now: `url` of a client is only where it began. */
function shows(tab: WindowClient, path: string | null): Promise<boolean> {
  const { port1, port2 } = new MessageChannel();
  const where: Where = { kind: 'where' };
  tab.postMessage(where, [port2]);
  return new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(data === path);
    setTimeout(() => resolve(false), ASK_MS);
  });
}

/** When the person was told of what, by tag: another tab may hear of an answer when its notification is gone again. */
const told = new Map<string, number>();

/** Tells the person of an answer, unless they see its chat in another tab or were told already. */
export async function tell({ path, title, body, tag }: Ended, client: string): Promise<void> {
  const visible = (await windows()).filter((tab) => tab.visibilityState === 'visible' && tab.id !== client);
  const seen = await Promise.all(visible.map((tab) => shows(tab, path)));
  if (seen.includes(true) || (await self.registration.getNotifications({ tag })).length > 0) return;
  if (Date.now() - (told.get(tag) ?? 0) < AGAIN_MS) return;
  told.set(tag, Date.now());
  const data: Origin = { path, client };
  await self.registration.showNotification(title, { body, tag, data, icon: '/icons/192.png', badge: '/icons/192.png' });
}

/** Shows what a notification was about: in the tab that asked for it, in another one of the app, or in a new one. */
export async function show(notification: Notification): Promise<void> {
  notification.close();
  const { path, client } = notification.data as Origin;
  const tabs = await windows();
  const tab = tabs.find((one) => one.id === client) ?? tabs[0];
  if (!tab) return void (await self.clients.openWindow(path ?? '/'));
  // Browsers let a click on a notification do this, and nothing else.
  await tab.focus().catch(() => undefined);
  const open: Open | null = path === null ? null : { kind: 'open', path };
  if (open) tab.postMessage(open);
}
