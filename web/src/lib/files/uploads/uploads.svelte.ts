import { SvelteMap } from 'svelte/reactivity';
import { errorText } from '#lib/api/errors.ts';
import { newId } from '#lib/id.ts';
import { overlays } from '#lib/shell/overlays.svelte.ts';
import type { Picked } from './collect.ts';
import { Lanes } from './lanes.ts';
import { persist } from './persist.ts';
import { giveUp, uploadFile, type Kept } from './upload.ts';

/** How many files go at once; of a large one three parts do. */
const AT_ONCE = 3;

/** Where an upload ends: what is done with the file once the server has it. Done again where it failed. */
export type Arrival = (fileId: string, path: string) => Promise<unknown>;

/** A file on its way from this tab; it goes on whichever page is shown. Bytes. */
export type Upload = {
  id: string;
  path: string;
  size: number;
  sent: number;
  state: 'waiting' | 'sending' | 'paused' | 'done' | 'failed';
  error: string;
};

/** What of an upload is not shown. */
type Work = { file: File; kept: Kept; arrived: Arrival; stored?: string };

const shown = new SvelteMap<string, Upload>();
// eslint-disable-next-line svelte/prefer-svelte-reactivity -- nothing of these is shown
const works = new Map<string, Work>();
const lanes = new Lanes(AT_ONCE, bring, fail);

/** All uploads since the list was last cleared, in the order they were begun. */
export const uploads = (): Upload[] => [...shown.values()];

/** Whether anything is still to be sent. */
export const isMoving = ({ state }: Upload): boolean => state === 'waiting' || state === 'sending';

/** Takes files to the server, each with what is to follow there. */
export function begin(files: readonly (Picked & { arrived: Arrival })[]): void {
  for (const { file, path, arrived } of files) {
    const id = newId();
    works.set(id, { file, kept: {}, arrived });
    shown.set(id, { id, path, size: file.size, sent: 0, state: 'waiting', error: '' });
    lanes.add(id);
  }
  overlays.uploads = shown.size > 0;
  addEventListener('beforeunload', warn);
}

export function pause(id: string): void {
  change(id, { state: 'paused' });
  lanes.stop(id);
}

/** Goes on with what was paused or failed. */
export function resume(id: string): void {
  change(id, { state: 'waiting', error: '' });
  lanes.add(id);
}

/** Ends an upload, or takes one that has ended off the list. */
export function cancel(id: string): void {
  const work = works.get(id);
  lanes.stop(id);
  shown.delete(id);
  works.delete(id);
  // What is left of it the storage drops by itself after a while.
  if (work && !work.stored) giveUp(work.kept).catch(() => undefined);
  settle();
}

async function bring(id: string, signal: AbortSignal): Promise<void> {
  const work = works.get(id);
  if (!work) return;
  change(id, { state: 'sending' });
  const onprogress = (sent: number) => change(id, { sent });
  work.stored ??= (await uploadFile(work.file, { onprogress, signal, kept: work.kept })).id;
  // The next file need not wait for what follows.
  void follow(id, work, work.stored);
}

async function follow(id: string, work: Work, stored: string): Promise<void> {
  try {
    const path = shown.get(id)?.path ?? work.file.name;
    await persist(() => work.arrived(stored, path));
    change(id, { state: 'done', sent: work.file.size });
    // The file itself is not needed any more, and may be large.
    works.delete(id);
  } catch (error) {
    fail(id, error);
  }
  settle();
}

function fail(id: string, error: unknown): void {
  change(id, { state: 'failed', error: errorText(error) });
}

function change(id: string, now: Partial<Upload>): void {
  const before = shown.get(id);
  if (before) shown.set(id, { ...before, ...now });
}

function settle(): void {
  if (works.size === 0) removeEventListener('beforeunload', warn);
  overlays.uploads = shown.size > 0;
}

const warn = (event: BeforeUnloadEvent) => event.preventDefault();
