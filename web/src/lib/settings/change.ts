import { hashKey } from '@tanstack/svelte-query';
import { queryClient } from '#lib/api/queries.ts';

type Change<Settings> = Partial<Settings> | ((settings: Settings) => Partial<Settings>);

/** What the server has of some settings, and the changes that it has not answered yet. */
interface Line<Settings> {
  kept: Settings;
  waiting: Change<Settings>[];
  last: Promise<unknown>;
}

const lines = new Map<string, Line<object>>();

/**
 * Changes some of the settings that a query holds, at once on screen; the server takes them whole, so the rest goes
 * along, and one change is sent after the other: sent together, the later one could be overtaken by the earlier and
 * lost. What the server makes of a change replaces it; when it refuses, it is as before.
 */
export async function changeSettings<Settings extends object>(
  key: readonly unknown[],
  change: Change<Settings>,
  save: (next: Settings) => Promise<Settings>,
): Promise<void> {
  // A reading that is under way would bring back what was there before.
  await queryClient.cancelQueries({ queryKey: key });
  const before = queryClient.getQueryData<Settings>(key);
  if (!before) return;
  const name = hashKey(key);
  const line = (lines.get(name) ?? { kept: before, waiting: [], last: Promise.resolve() }) as Line<Settings>;
  lines.set(name, line as unknown as Line<object>);
  const show = () => queryClient.setQueryData<Settings>(key, line.waiting.reduce<Settings>(changed, line.kept));
  line.waiting.push(change);
  show();
  const turn = line.last.then(async () => {
    try {
      line.kept = await save(changed(line.kept, change));
    } finally {
      line.waiting.shift();
      if (line.waiting.length === 0) lines.delete(name);
      show();
    }
  });
  line.last = turn.catch(() => undefined);
  return turn;
}

function changed<Settings extends object>(settings: Settings, change: Change<Settings>): Settings {
  return { ...settings, ...(typeof change === 'function' ? change(settings) : change) };
}
