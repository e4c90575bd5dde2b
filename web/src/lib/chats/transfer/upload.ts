import type { Schemas } from '#lib/api/client.ts';
import { ApiError } from '#lib/api/errors.ts';
import { m } from '#lib/paraglide/messages.js';

/** Where and with which fields a file is sent; the file itself comes last, as `file`. */
type UploadForm = Schemas['UploadForm'];

/** Sends a file and tells how many bytes have gone. Throws `ApiError`, or an AbortError when `signal` ends it. */
export function upload(
  form: UploadForm,
  file: File,
  onprogress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const body = new FormData();
  for (const [name, value] of Object.entries(form.fields)) body.append(name, value);
  body.append('file', file, file.name);
  return new Promise((done, fail) => {
    // Only this tells how much has been sent; fetch does not.
    const request = new XMLHttpRequest();
    request.open('POST', form.url);
    request.upload.onprogress = (event) => onprogress(Math.min(event.loaded, file.size));
    request.onload = () =>
      request.status < 300 ? done() : fail(new ApiError(request.status, m.import_upload_refused()));
    request.onerror = () => fail(new ApiError(0, m.error_network()));
    request.onabort = () => fail(new DOMException('', 'AbortError'));
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(body);
  });
}
