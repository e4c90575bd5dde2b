import { queryClient } from '#lib/api/queries.ts';
import { realtime } from '#lib/realtime/realtime.svelte.ts';
import { KNOWLEDGE, oneKey, type Whole } from '#lib/workspace/knowledge/queries.ts';
import { FILES, filesQuery, type StoredFile } from './queries.ts';

/** How long events are gathered before lists show them, in milliseconds: of a thousand files many come at once. */
const GATHER_MS = 120;

/** What the server tells of a file that moves. */
export type Told = { id: string; status: string; progress: number; reason: string | null; knowledge: string[] };

/** Reads a `file:status` notice; null where it is none. */
export function readTold(data: unknown): Told | null {
  if (typeof data !== 'object' || data === null) return null;
  const { id, status, progress, reason, knowledge } = data as Partial<Record<keyof Told, unknown>>;
  if (typeof id !== 'string' || typeof status !== 'string') return null;
  return {
    id,
    status,
    progress: typeof progress === 'number' ? progress : 0,
    reason: typeof reason === 'string' ? reason : null,
    knowledge: Array.isArray(knowledge) ? knowledge.filter((each) => typeof each === 'string') : [],
  };
}

/** The files of a list as they are now told of; the same list where none is in it. */
export function patched<File extends { id: string }>(files: File[], told: ReadonlyMap<string, Told>): File[] {
  if (!files.some(({ id }) => told.has(id))) return files;
  return files.map((file) => {
    const now = told.get(file.id);
    return now ? { ...file, status: now.status, progress: now.progress, reason: now.reason } : file;
  });
}

function show(told: ReadonlyMap<string, Told>): void {
  const all = queryClient.getQueryData<StoredFile[]>(filesQuery.queryKey);
  if (all) {
    queryClient.setQueryData(filesQuery.queryKey, patched(all, told));
    const known = new Set(all.map(({ id }) => id));
    if ([...told.keys()].some((id) => !known.has(id)))
      void queryClient.invalidateQueries({ queryKey: filesQuery.queryKey });
  }
  for (const knowledge of new Set([...told.values()].flatMap((each) => each.knowledge))) {
    const key = oneKey(knowledge);
    const whole = queryClient.getQueryData<Whole>(key);
    if (!whole) continue;
    queryClient.setQueryData(key, { ...whole, files: patched(whole.files, told) });
    const known = new Set(whole.files.map(({ id }) => id));
    const others = [...told.values()].filter((each) => each.knowledge.includes(knowledge) && !known.has(each.id));
    if (others.length) void queryClient.invalidateQueries({ queryKey: key });
  }
}

/** Shows in every list how far files are, as it is told. Returns how to stop. */
export function followFiles(): () => void {
  let told = new Map<string, Told>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stops = [
    realtime.onNotice('file:status', (data) => {
      const now = readTold(data);
      if (!now) return;
      told.set(now.id, now);
      timer ??= setTimeout(() => {
        timer = undefined;
        show(told);
        told = new Map();
      }, GATHER_MS);
    }),
    realtime.onResume(() => {
      void queryClient.invalidateQueries({ queryKey: FILES });
      void queryClient.invalidateQueries({ queryKey: KNOWLEDGE });
    }),
  ];
  return () => {
    clearTimeout(timer);
    for (const stop of stops) stop();
  };
}
