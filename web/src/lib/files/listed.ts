import type { Schemas } from '#lib/api/client.ts';
import type { Sort } from '#lib/ui/table.ts';
import { nameOf } from './tree.ts';

/** How far a file is on its way to being found; null where it was never to be. */
export type Status = 'queued' | 'extracting' | 'embedding' | 'indexed' | 'failed';

/** A file as lists show it. Bytes, epoch seconds; `progress` in percent, `hash` is SHA-256. */
export type Listed = {
  id: string;
  name: string;
  /** Where it lies in the folder that it came in: `docs/a.md`, or its name alone. */
  path: string;
  size: number;
  type: string;
  hash: string | null;
  status: Status | null;
  progress: number;
  reason: string;
  added: number;
  owner: string;
  /** The knowledge bases it is in. */
  knowledge: string[];
  /** In how many chats it is shown as a picture. */
  chats: number;
};

type Stored = Schemas['FileModelResponse'] | Schemas['KnowledgeFile'];

/** What the server tells of a file, as lists show it. */
export function listed(file: Stored): Listed {
  const { name, size, content_type: type } = file.meta as Schemas['FileMeta'];
  const path = ('path' in file && file.path) || file.filename || name || '';
  return {
    id: file.id,
    name: nameOf(path),
    path,
    size: size ?? 0,
    type: type ?? '',
    hash: file.hash ?? null,
    status: (file.status as Status | undefined) ?? null,
    progress: file.progress ?? 0,
    reason: file.reason ?? '',
    added: file.created_at,
    owner: file.user_id,
    knowledge: 'knowledge' in file ? (file.knowledge ?? []) : [],
    chats: 'chats' in file ? (file.chats ?? 0) : 0,
  };
}

const MOVING: readonly (Status | null)[] = ['queued', 'extracting', 'embedding'];

/** Whether a file is being made searchable. */
export const isMoving = ({ status }: { status?: string | null }): boolean =>
  MOVING.includes((status ?? null) as Status);

export type Filter = 'all' | 'moving' | 'failed';

/** The files that have all of the words in their path, and are as the filter wants them. */
export function found<File extends Listed>(files: readonly File[], query: string, filter: Filter = 'all'): File[] {
  const words = query.toLocaleLowerCase().split(/\s+/u).filter(Boolean);
  return files.filter((file) => {
    if (filter === 'moving' && !isMoving(file)) return false;
    if (filter === 'failed' && file.status !== 'failed') return false;
    const path = file.path.toLocaleLowerCase();
    return words.every((word) => path.includes(word));
  });
}

const RANK: Record<string, number> = { failed: 0, extracting: 1, embedding: 2, queued: 3, indexed: 4 };

const BY: Record<string, (a: Listed, b: Listed) => number> = {
  name: (a, b) => a.path.localeCompare(b.path, undefined, { numeric: true }),
  size: (a, b) => a.size - b.size,
  status: (a, b) => (RANK[a.status ?? ''] ?? 5) - (RANK[b.status ?? ''] ?? 5) || b.progress - a.progress,
  added: (a, b) => a.added - b.added,
};

/** In another order: by `name`, `size`, `status` (what needs looking at first) or `added`. */
export function sorted<File extends Listed>(files: readonly File[], { key, direction }: Sort): File[] {
  const by = BY[key] ?? (() => 0);
  return [...files].sort((a, b) => (direction === 'asc' ? by(a, b) : by(b, a)));
}
