import { api, call, type Schemas } from '#lib/api/client.ts';
import { ApiError, detailOf } from '#lib/api/errors.ts';
import { send } from '#lib/api/send.ts';
import { inParts, nothing, type Gone } from './parts.ts';
import { persist } from './persist.ts';
import { putPart } from './put.ts';

type Stored = Schemas['FileModelResponse'];

/** A request may have 4 MB with all that is around the file; what is larger goes to the storage in parts. */
export const MAX_BYTES = 3_900_000;

/** What of a large file has gone: kept by whoever wants to go on after a pause. */
export type Kept = { upload?: Schemas['FileUpload'] & { gone: Gone } };

type Way = {
  /** Told the bytes that have gone. */
  onprogress: (sent: number) => void;
  signal: AbortSignal;
  kept?: Kept;
};

/** Brings a file to the server, where it is made searchable. Throws `ApiError`, or an AbortError when `signal` ends it. */
export function uploadFile(file: File, way: Way): Promise<Stored> {
  return file.size <= MAX_BYTES ? persist(() => whole(file, way)) : parted(file, way);
}

async function whole(file: File, { onprogress, signal }: Way): Promise<Stored> {
  const body = new FormData();
  body.append('file', file, file.name);
  const gone = (bytes: number) => onprogress(Math.min(bytes, file.size));
  const { status, responseText } = await send({
    method: 'POST',
    url: '/api/v1/files/',
    body,
    onprogress: gone,
    signal,
  });
  const answer = read(responseText);
  if (status >= 300) throw new ApiError(status, detailOf(answer, status));
  return answer as Stored;
}

function read(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function parted(file: File, { onprogress, signal, kept = {} }: Way): Promise<Stored> {
  try {
    if (!kept.upload) {
      const body = { filename: file.name, size: file.size, content_type: file.type, process: true };
      const begun = await persist(() => call(api.POST('/api/v1/files/uploads', { body, signal })));
      kept.upload = { ...begun, gone: nothing(begun.parts) };
    }
    const { id, part_size: part, gone } = kept.upload;
    const path = { upload_id: id };
    const etags = await inParts(gone, {
      places: async (first, count) => {
        const asked = { params: { path }, body: { first, count }, signal };
        return (await call(api.POST('/api/v1/files/uploads/{upload_id}/parts', asked))).urls;
      },
      put: (url, number, sent) => putPart(url, file.slice((number - 1) * part, number * part), sent, signal),
      onprogress,
    });
    const ended = { params: { path }, body: { etags }, signal };
    return await persist(() => call(api.POST('/api/v1/files/uploads/{upload_id}/complete', ended)));
  } catch (error) {
    // The server knows nothing of it any more: the next try begins anew.
    if (error instanceof ApiError && error.status === 404) delete kept.upload;
    throw error;
  }
}

/** Drops the parts of an upload that is given up. */
export async function giveUp({ upload }: Kept): Promise<void> {
  if (upload)
    await call(api.DELETE('/api/v1/files/uploads/{upload_id}', { params: { path: { upload_id: upload.id } } }));
}
