import { queryClient } from '#lib/api/queries.ts';

/**
 * Changes some of the settings that a query holds, at once on screen; the server takes them whole, so the rest goes
 * along. What the server makes of them replaces them; when it refuses they are as before.
 */
export async function changeSettings<Settings extends object>(
  key: readonly unknown[],
  change: Partial<Settings>,
  save: (next: Settings) => Promise<Settings>,
): Promise<void> {
  // A reading that is under way would bring back what was there before.
  await queryClient.cancelQueries({ queryKey: key });
  const before = queryClient.getQueryData<Settings>(key);
  if (!before) return;
  const next = { ...before, ...change };
  queryClient.setQueryData<Settings>(key, next);
  try {
    queryClient.setQueryData<Settings>(key, await save(next));
  } catch (error) {
    queryClient.setQueryData<Settings>(key, before);
    throw error;
  }
}
