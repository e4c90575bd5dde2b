import type { QueryClient } from '@tanstack/svelte-query';
import { ApiError } from './errors.ts';

/**
 * Long answers on this device, for when there is no network: each under its address, the last written one last. Where
 * the page is not served safely (HTTPS or this machine) browsers offer no such storage, and nothing is kept.
 */
const NAME = 'cirrus-kept';
const MOST = 100;
const PAUSE_MS = 1_000;

const shelf = (): Promise<Cache> | undefined => globalThis.caches?.open(NAME);

/** What the server answers, or, where it cannot be reached, what it answered last. */
export async function orKept<Data>(address: string, ask: () => Promise<Data>): Promise<Data> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status >= 400 && error.status < 500) void unkeep(address);
    const kept = error.status === 0 ? await (await shelf())?.match(address) : undefined;
    if (!kept) throw error;
    return (await kept.json()) as Data;
  }
}

/** Removes the answer kept under an address. */
export async function unkeep(address: string): Promise<void> {
  await (await shelf())?.delete(address);
}

/** Removes everything. */
export async function emptyShelf(): Promise<void> {
  await globalThis.caches?.delete(NAME);
}

async function write(address: string, data: unknown): Promise<void> {
  const cache = await shelf();
  if (!cache) return;
  await cache.put(address, Response.json(data));
  const all = await cache.keys();
  for (const old of all.slice(0, Math.max(0, all.length - MOST))) await cache.delete(old);
}

/** Puts answers of queries that name an address (`meta.shelf`) on the shelf, a moment after they change, while `may`. */
export function fillShelf(client: QueryClient, may: () => boolean): () => void {
  const waiting = new Map<string, ReturnType<typeof setTimeout>>();
  return client.getQueryCache().subscribe(({ type, query }) => {
    const address = query.meta?.shelf;
    if (type !== 'updated' || !address || query.state.data === undefined || query.state.status !== 'success') return;
    clearTimeout(waiting.get(address));
    const put = () => {
      const now = client.getQueryCache().get(query.queryHash);
      if (now && may()) write(address, now.state.data).catch(() => undefined);
    };
    waiting.set(address, setTimeout(put, PAUSE_MS));
  });
}
