import { ApiError } from '#lib/api/errors.ts';
import { send } from '#lib/api/send.ts';
import { m } from '#lib/paraglide/messages.js';

/** Sends a part of a file to the storage; what it is called there. */
export async function putPart(
  url: string,
  part: Blob,
  onprogress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<string> {
  const answer = await send({ method: 'PUT', url, body: part, onprogress, signal });
  const etag = answer.getResponseHeader('ETag');
  if (answer.status >= 300 || !etag) throw new ApiError(answer.status, m.import_upload_refused());
  return etag;
}
