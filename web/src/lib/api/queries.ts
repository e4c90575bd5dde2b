import { QueryClient } from '@tanstack/svelte-query';
import { ApiError } from './errors';
import { isKeeping, keepAnswers } from './kept';
import { fillShelf } from './shelf';

const transient = (error: Error) => !(error instanceof ApiError) || error.status === 0 || error.status >= 500;

/** The one cache of server state. Socket events patch it; nothing else holds a copy. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      gcTime: 30 * 60_000,
      networkMode: 'always',
      // A page that asks `a.data && b.data` reads the second only once the first is there: its answer has to be known.
      notifyOnChangeProps: 'all',
      retry: (count, error) => count < 2 && transient(error),
    },
    mutations: { networkMode: 'always' },
  },
});

keepAnswers(queryClient);
fillShelf(queryClient, isKeeping);
