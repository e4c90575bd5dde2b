import type { Query, QueryClient, QueryKey } from '@tanstack/svelte-query';
import { emptyShelf } from './shelf.ts';

const PREFIX = 'cirrus.kept.';
const storageKey = (key: QueryKey) => PREFIX + JSON.stringify(key);

declare module '@tanstack/svelte-query' {
  interface Register {
    /**
     * `keep`: the answer stays on this device, so that the next visit shows it at once, and offline.
     * `shelf`: the address of a longer one, which is looked for only where the server cannot be reached.
     */
    queryMeta: { keep?: boolean; shelf?: string };
  }
}

/** False from when somebody has left until somebody comes. */
let keeping = true;

export const isKeeping = (): boolean => keeping;

function read<Data>(key: QueryKey): Data | undefined {
  try {
    const text = localStorage.getItem(storageKey(key));
    return text === null ? undefined : (JSON.parse(text) as Data);
  } catch {
    return undefined;
  }
}

/** Options that make a query start with the answer of the last visit, and keep its next one. */
export function kept<Data>(key: QueryKey) {
  return { meta: { keep: true }, initialData: () => read<Data>(key), initialDataUpdatedAt: 0 };
}

function write(query: Query): void {
  if (!keeping) return;
  try {
    localStorage.setItem(storageKey(query.queryKey), JSON.stringify(query.state.data));
  } catch {
    // No room or no storage: the next visit asks the server.
  }
}

/** Writes the answers of kept queries to this device, a moment after they change. */
export function keepAnswers(client: QueryClient): () => void {
  const waiting = new Map<string, ReturnType<typeof setTimeout>>();
  return client.getQueryCache().subscribe(({ type, query }) => {
    if (type !== 'updated' || !query.meta?.keep || query.state.data === undefined) return;
    clearTimeout(waiting.get(query.queryHash));
    waiting.set(
      query.queryHash,
      setTimeout(() => client.getQueryCache().get(query.queryHash) && write(query), 250),
    );
  });
}

/** Removes every kept answer, for when somebody else may use this device; keeps none until `keepAgain`. */
export async function forgetKept(): Promise<void> {
  keeping = false;
  for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
  await emptyShelf();
}

/** Keeps answers from now on, for the person who has just signed in. */
export function keepAgain(): void {
  keeping = true;
}

/** Keeps nothing more in this tab once the person has left in another. Returns how to stop watching. */
export function watchLeaving(session: QueryKey): () => void {
  const left = ({ key, newValue }: StorageEvent) => {
    if (key === storageKey(session) && newValue === null) keeping = false;
  };
  addEventListener('storage', left);
  return () => removeEventListener('storage', left);
}
