import { SvelteMap } from 'svelte/reactivity';
import { api, call } from '#lib/api/client.ts';
import { errorText } from '#lib/api/errors.ts';
import { inParts, nothing } from '#lib/files/uploads/parts.ts';
import { putPart } from '#lib/files/uploads/put.ts';
import { newId } from '#lib/id.ts';
import { rereadOllama } from './queries.ts';

/** A model's file on its way from this tab to the server; it goes on whichever page is shown. Bytes. */
export interface Uploading {
  id: string;
  index: number;
  model: string;
  sent: number;
  size: number;
  error: string | null;
}

const running = new SvelteMap<string, Uploading>();
// eslint-disable-next-line svelte/prefer-svelte-reactivity -- nothing of these is shown
const ends = new Map<string, AbortController>();

/** The uploads of this tab to one server. */
export const uploadsTo = (index: number): Uploading[] => [...running.values()].filter((one) => one.index === index);

/** What a file's model is called unless somebody says otherwise. */
export const modelName = (file: string): string => file.replace(/\.[^.]*$/, '') || file;

/** Uploads a file and has the server make a model of it, which the list of pulls then tells of. */
export async function upload(file: File, index: number): Promise<void> {
  const id = newId();
  const end = new AbortController();
  const begun: Uploading = { id, index, model: modelName(file.name), sent: 0, size: file.size, error: null };
  running.set(id, begun);
  ends.set(id, end);
  addEventListener('beforeunload', warn);
  try {
    await send(begun, file, end.signal);
    running.delete(id);
    await rereadOllama();
  } catch (error) {
    if (!end.signal.aborted) running.set(id, { ...begun, error: errorText(error) });
  } finally {
    ends.delete(id);
    if (ends.size === 0) removeEventListener('beforeunload', warn);
  }
}

/** Ends an upload, or takes a failed one off the list. */
export function drop(id: string): void {
  ends.get(id)?.abort();
  running.delete(id);
}

async function send(begun: Uploading, file: File, signal: AbortSignal): Promise<void> {
  const body = { model: begun.model, size: file.size, url_idx: begun.index };
  const upload = await call(api.POST('/ollama/uploads', { body, signal }));
  const path = { upload_id: upload.id };
  const etags = await inParts(nothing(upload.parts), {
    places: async (first, count) => {
      const asked = { params: { path }, body: { first, count }, signal };
      return (await call(api.POST('/ollama/uploads/{upload_id}/parts', asked))).urls;
    },
    put: (url, number, onprogress) => {
      const start = (number - 1) * upload.part_size;
      return putPart(url, file.slice(start, start + upload.part_size), onprogress, signal);
    },
    onprogress: (sent) => running.has(begun.id) && running.set(begun.id, { ...begun, sent }),
  });
  await call(api.POST('/ollama/uploads/{upload_id}/complete', { params: { path }, body: { etags }, signal }));
}

const warn = (event: BeforeUnloadEvent) => event.preventDefault();
