import { ApiError } from './errors.ts';
import { m } from '#lib/paraglide/messages.js';

export type Sending = {
  method: 'POST' | 'PUT';
  url: string;
  body: Blob | FormData;
  /** Told the bytes that have gone, of all that the request carries. */
  onprogress: (bytes: number) => void;
  signal: AbortSignal;
};

/** A connection on which nothing has moved for so long is given up, in milliseconds; a slow answer comes within 30 s. */
const SILENCE_MS = 90_000;

/**
 * Sends a body and tells how much of it has gone: only XMLHttpRequest tells that, fetch does not.
 * Throws `ApiError` (status 0) when no answer came, an AbortError when `signal` ends it.
 */
export function send({ method, url, body, onprogress, signal }: Sending): Promise<XMLHttpRequest> {
  return new Promise((done, fail) => {
    const stopped = () => fail(new DOMException('', 'AbortError'));
    if (signal.aborted) return stopped();
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    const silent = () => (fail(new ApiError(0, m.error_network())), stop());
    let silence = setTimeout(silent, SILENCE_MS);
    request.open(method, url);
    request.upload.onprogress = (event) => {
      clearTimeout(silence);
      silence = setTimeout(silent, SILENCE_MS);
      onprogress(event.loaded);
    };
    request.onload = () => done(request);
    request.onerror = () => fail(new ApiError(0, m.error_network()));
    request.onabort = stopped;
    request.onloadend = () => {
      clearTimeout(silence);
      signal.removeEventListener('abort', stop);
    };
    signal.addEventListener('abort', stop);
    request.send(body);
  });
}
