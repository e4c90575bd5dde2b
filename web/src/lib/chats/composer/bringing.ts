import { api, call, found } from '#lib/api/client.ts';
import { errorText } from '#lib/api/errors.ts';
import { readTold, type Told } from '#lib/files/live.ts';
import { isRefusal } from '#lib/files/uploads/persist.ts';
import { uploadFile } from '#lib/files/uploads/upload.ts';
import { realtime } from '#lib/realtime/realtime.svelte.ts';
import { uploadImage } from '../api.ts';
import type { MessageFile } from '../types.ts';
import { prepare } from './pictures.ts';

type Way = { onprogress: (percent: number) => void; signal: AbortSignal };

/** Uploads a file, which the server then makes searchable, and returns it as a message refers to it. */
export async function bringFile(file: File, { onprogress, signal }: Way): Promise<MessageFile> {
  const sent = (bytes: number) => onprogress(file.size > 0 ? Math.round((100 * bytes) / file.size) : 0);
  const { id, filename } = await uploadFile(file, { onprogress: sent, signal });
  return { type: 'file', id, name: filename, size: file.size };
}

/** Has a file read once more that is there already. */
export async function readAgain(item: MessageFile, signal: AbortSignal): Promise<MessageFile> {
  await call(api.POST('/api/v1/retrieval/process/file', { body: { file_id: item.id ?? '' }, signal }));
  return item;
}

/** How far a file is, where no event told; one that is not there any more has failed. */
export async function look(id: string): Promise<Told> {
  const told = { id, status: 'failed', progress: 0, knowledge: [] };
  try {
    const { status, progress, reason } = await found(api.GET('/api/v1/files/{id}', { params: { path: { id } } }));
    return { ...told, status: status ?? '', progress: progress ?? 0, reason: reason ?? null };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { ...told, reason: errorText(error) };
  }
}

export async function bringPicture(file: File, signal: AbortSignal): Promise<MessageFile> {
  return uploadImage(await prepare(file), signal);
}

/** Has the server read a page of the web, or what is said in a video, and returns it as a message refers to it. */
export async function bringPage(item: MessageFile, signal: AbortSignal): Promise<MessageFile> {
  const url = item.url ?? '';
  const body = { url, sitemap: false };
  const { file, filename, collection_name } = await call(api.POST('/api/v1/retrieval/process/web', { body, signal }));
  const { name: title } = (file.meta ?? {}) as { name?: string };
  const name = title || filename || url;
  // Where nothing is made searchable, the page is read for each answer.
  return collection_name ? { type: 'text', url, name, collection_name } : { type: 'url', url, name };
}

/** Tells how far files are on their way to being found; returns how to stop. */
export function follow(told: (file: Told) => void): () => void {
  return realtime.onNotice('file:status', (data) => {
    const file = readTold(data);
    if (file) told(file);
  });
}
