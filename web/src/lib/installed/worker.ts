import { dev } from '$app/env';
import { goto } from '$app/navigation';
import { updated } from '$app/state';
import { keepBuilt } from './built.ts';
import type { Open, Where } from './messages.ts';
import { isBuilt } from './rules.ts';

/** How often a page that stays open asks whether there is a newer version. */
const CHECK_MS = 60 * 60_000;

let replaced = false;

/** Installs the service worker, which keeps the app on this device, and looks for newer ones. */
export async function startWorker(): Promise<void> {
  if (dev || !('serviceWorker' in navigator)) return;
  const { serviceWorker } = navigator;
  let controlled = serviceWorker.controller !== null;
  const first = !controlled;
  serviceWorker.addEventListener('controllerchange', () => {
    replaced = controlled;
    controlled = true;
  });
  serviceWorker.addEventListener('message', ({ data, ports }: MessageEvent<Open | Where>) => {
    if (data.kind === 'open') void goto(data.path);
    else ports[0]?.postMessage(location.pathname);
  });
  try {
    const registration = await serviceWorker.register('/service-worker.js');
    setInterval(() => void registration.update().catch(() => undefined), CHECK_MS);
    await serviceWorker.ready;
    if (first) await keepBuilt(usedFiles());
  } catch {
    // Without one (a private window, a full disk) the app works all the same, with the network.
  }
}

/** Whether another page load would bring a newer version of the app. */
export const isSuperseded = (): boolean => replaced || (updated.current && !navigator.serviceWorker?.controller);

/** What this visit loaded before there was a worker that would have kept it. */
function usedFiles(): string[] {
  return performance.getEntriesByType('resource').flatMap(({ name }) => {
    const { pathname } = new URL(name);
    return isBuilt(pathname) ? pathname : [];
  });
}
