/*
 * Keeps the app itself on this device, so that it opens without the network. What the server answers is never kept
 * here: what belongs to a person is kept by the pages (`lib/api/kept.ts`, `lib/api/shelf.ts`), which know whose it is.
 */
import { version } from '$app/env';
import { immutable } from '$app/manifest';
import { self } from '$app/service-worker';
import { BUILT_CACHE, keepBuilt, shellCache } from '#lib/installed/built.ts';
import type { Ended } from '#lib/installed/messages.ts';
import { filesOf, isBuilt, isPage } from '#lib/installed/rules.ts';
import { show, tell } from './notifications.ts';

const SHELL = shellCache(version);

/** Chromium asks the network and this worker at once, and does without the worker where it has nothing to say. */
type Routing = { addRoutes?: (rules: { condition: unknown; source: string }[]) => Promise<void> };

self.addEventListener('install', (event) => {
  const routed = (event as unknown as Routing).addRoutes?.([
    { condition: { urlPattern: { pathname: '/(api|openai|ollama|ws)/*' } }, source: 'network' },
    { condition: { requestMode: 'navigate' }, source: 'race-network-and-fetch-handler' },
  ]);
  event.waitUntil(Promise.all([install(), routed?.catch(() => undefined)]));
});

self.addEventListener('activate', (event) => event.waitUntil(activate()));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  if (request.mode === 'navigate') {
    if (isPage(pathname)) event.respondWith(shell(request));
  } else if (isBuilt(pathname)) event.respondWith(built(request));
});

self.addEventListener('message', (event) => {
  const { kind } = event.data as Ended;
  if (kind === 'ended' && event.source instanceof WindowClient) event.waitUntil(tell(event.data, event.source.id));
});

self.addEventListener('notificationclick', (event) => event.waitUntil(show(event.notification)));

/** Keeps the page and the files of its first screen; the browser has most of them from the visit that is going on. */
async function install(): Promise<void> {
  const page = await fetch('/', { cache: 'no-cache' });
  if (!page.ok) throw new Error(`The page could not be read: ${page.status}`);
  const languages = ['en', ...self.navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase())];
  await keepBuilt(filesOf(await page.clone().text(), languages));
  await (await caches.open(SHELL)).put('/', page);
  await self.skipWaiting();
}

/** Takes over from an older version. Tabs that show it find its files on the server. */
async function activate(): Promise<void> {
  for (const name of await caches.keys())
    if (name.startsWith(shellCache('')) && name !== SHELL) await caches.delete(name);
  const current = new Set(immutable.map(({ path }) => new URL(path, self.location.origin).pathname));
  const cache = await caches.open(BUILT_CACHE);
  for (const request of await cache.keys()) {
    if (!current.has(new URL(request.url).pathname)) await cache.delete(request);
  }
  await self.clients.claim();
}

async function shell(request: Request): Promise<Response> {
  return (await caches.match('/', { cacheName: SHELL })) ?? fetch(request);
}

/** A file that was used stays: languages of code, mathematics and diagrams are kept once they were needed. */
async function built(request: Request): Promise<Response> {
  const cache = await caches.open(BUILT_CACHE);
  const known = await cache.match(request);
  if (known) return known;
  const response = await fetch(request);
  if (response.ok) void cache.put(request, response.clone());
  return response;
}
