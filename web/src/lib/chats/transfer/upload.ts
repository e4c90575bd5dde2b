import type { Schemas } from '#lib/api/client.ts';
import { ApiError } from '#lib/api/errors.ts';
import { send } from '#lib/api/send.ts';
import { m } from '#lib/paraglide/messages.js';

/** Where and with which fields a file is sent; the file itself comes last, as `file`. */
type UploadForm = Schemas['UploadForm'];

/** Sends a file and tells how many bytes have gone. Throws `ApiError`, or an AbortError when `signal` ends it. */
export async function upload(
  form: UploadForm,
  file: File,
  onprogress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const body = new FormData();
  for (const [name, value] of Object.entries(form.fields)) body.append(name, value);
  body.append('file', file, file.name);
  const gone = (bytes: number) => onprogress(Math.min(bytes, file.size));
  const { status } = await send({ method: 'POST', url: form.url, body, onprogress: gone, signal });
  if (status >= 300) throw new ApiError(status, m.import_upload_refused());
}
