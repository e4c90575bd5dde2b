import { ApiError } from '#lib/api/errors.ts';
import type { Listed } from '#lib/files/listed.ts';
import type { Picked } from '#lib/files/uploads/collect.ts';
import { begin } from '#lib/files/uploads/uploads.svelte.ts';
import { m } from '#lib/paraglide/messages.js';
import { notify } from '#lib/ui/toast.ts';
import { addFile, removeFiles } from './queries.ts';

/**
 * Uploads files into a knowledge base, below a folder of it. What has the path of a file that is there takes its place:
 * that one goes when the new one has come.
 */
export function addPicked(id: string, picked: readonly Picked[], there: readonly Listed[], folder = ''): void {
  const known = new Map<string, Listed[]>();
  for (const file of there) known.set(file.path, [...(known.get(file.path) ?? []), file]);
  const coming = picked.map(({ file, path }) => ({ file, path: folder ? `${folder}/${path}` : path }));
  const replaced = coming.filter(({ path }) => known.has(path)).length;
  if (replaced) notify(m.knowledge_replaces({ count: replaced }));
  begin(
    coming.map((each) => ({
      ...each,
      arrived: async (file_id, path) => {
        await addFile(id, { file_id, path });
        const old = known.get(path);
        if (old) await removeFiles(id, old).catch(unlessGone);
      },
    })),
  );
}

/** Somebody else may have taken them out already. */
function unlessGone(error: unknown): void {
  if (!(error instanceof ApiError && error.status === 404)) throw error;
}
