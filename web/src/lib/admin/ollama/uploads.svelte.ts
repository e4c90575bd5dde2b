import { SvelteMap } from 'svelte/reactivity';
import { api, call } from '#lib/api/client.ts';
import { ApiError, errorText } from '#lib/api/errors.ts';
import { newId } from '#lib/id.ts';
import { m } from '#lib/paraglide/messages.js';
import { rereadOllama } from './queries.ts';
import { inParts } from './parts.ts';

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
  const etags = await inParts(upload, {
    places: async (first, count) => {
      const asked = { params: { path }, body: { first, count }, signal };
      return (await call(api.POST('/ollama/uploads/{upload_id}/parts', asked))).urls;
    },
    put: (url, number, onprogress) => {
      const start = (number - 1) * upload.part_size;
      return put(url, file.slice(start, start + upload.part_size), onprogress, signal);
    },
    onprogress: (sent) => running.has(begun.id) && running.set(begun.id, { ...begun, sent }),
  });
  await call(api.POST('/ollama/uploads/{upload_id}/complete', { params: { path }, body: { etags }, signal }));
}

/** Sends a part; what the storage calls it. */
function put(url: string, part: Blob, onprogress: (bytes: number) => void, signal: AbortSignal): Promise<string> {
  return new Promise((done, fail) => {
    // Only this tells how much has been sent; fetch does not.
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    request.open('PUT', url);
    request.upload.onprogress = (event) => onprogress(event.loaded);
    request.onload = () => {
      const etag = request.getResponseHeader('ETag');
      if (request.status < 300 && etag) done(etag);
      else fail(new ApiError(request.status, m.import_upload_refused()));
    };
    request.onerror = () => fail(new ApiError(0, m.error_network()));
    request.onabort = () => fail(new DOMException('', 'AbortError'));
    request.onloadend = () => signal.removeEventListener('abort', stop);
    signal.addEventListener('abort', stop);
    request.send(part);
  });
}

const warn = (event: BeforeUnloadEvent) => event.preventDefault();
