import type { Picked } from '#lib/files/uploads/collect.ts';

/** A file of a knowledge base, as far as comparing it goes. `hash` is SHA-256, in hexadecimal. */
export type Stored = { id: string; path: string; size: number; hash: string | null };

/** What bringing a knowledge base up to a folder of this device would do. */
export type Difference<File extends Stored = Stored> = {
  added: Picked[];
  changed: { picked: Picked; stored: File }[];
  removed: File[];
  /** How many are the same. */
  same: number;
};

/** The folder that all that was picked is in; empty where there is no one such. */
export function rootOf(files: readonly Picked[]): string {
  const roots = new Set(files.map(({ path }) => (path.includes('/') ? path.slice(0, path.indexOf('/')) : '')));
  return roots.size === 1 ? [...roots][0]! : '';
}

/** SHA-256 of a file, in hexadecimal; null where the browser has no such thing (a page that is not served safely). */
export async function hashOf(file: Blob): Promise<string | null> {
  if (!globalThis.crypto?.subtle) return null;
  const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Compares a folder of this device with what a knowledge base has of it. Files are the same that have the same path, size
 * and hash; where that is not known, a file counts as changed. Of files with one path all but the first are to go.
 */
export async function compare<File extends Stored>(
  picked: readonly Picked[],
  stored: readonly File[],
  { hash = hashOf, onprogress = () => undefined }: { hash?: typeof hashOf; onprogress?: (done: number) => void } = {},
): Promise<Difference<File>> {
  const left = new Map<string, File[]>();
  for (const file of stored) left.set(file.path, [...(left.get(file.path) ?? []), file]);
  const result: Difference<File> = { added: [], changed: [], removed: [], same: 0 };
  let done = 0;
  for (const each of picked) {
    const there = left.get(each.path)?.shift();
    if (!there) result.added.push(each);
    else if (await isSame(each.file, there, hash)) result.same += 1;
    else result.changed.push({ picked: each, stored: there });
    onprogress((done += 1));
  }
  result.removed = [...left.values()].flat();
  return result;
}

async function isSame(file: Blob, stored: Stored, hash: typeof hashOf): Promise<boolean> {
  if (file.size !== stored.size) return false;
  return Boolean(stored.hash) && (await hash(file)) === stored.hash;
}
