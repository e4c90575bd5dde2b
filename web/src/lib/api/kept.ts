import type { Query, QueryClient, QueryKey } from '@tanstack/svelte-query';

const PREFIX = 'cirrus.kept.';
const storageKey = (key: QueryKey) => PREFIX + JSON.stringify(key);

declare module '@tanstack/svelte-query' {
  interface Register {
    /** `keep`: the answer stays on this device, so that the next visit shows it at once, and offline. */
    queryMeta: { keep?: boolean };
  }
}

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

/** Removes every kept answer, for when somebody else may use this device. */
export function forgetKept(): void {
  for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
}
