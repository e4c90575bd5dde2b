import createClient from 'openapi-fetch';
import { ApiError, detailOf } from './errors';
import type { components, paths } from './schema.d.ts';

/** What the server takes and returns, by the names of its OpenAPI document. */
export type Schemas = components['schemas'];

/** Paths that answer 401 in the ordinary course: whoever asks deals with it. */
const EXPECTED = ['/api/v1/auths/', '/api/v1/auths/signin', '/api/v1/auths/signup', '/api/v1/auths/update/password'];

let signedOut: () => void = () => {};

/** Sets what happens when a request finds that the session has ended. */
export function onSignedOut(listener: () => void): void {
  signedOut = listener;
}

/** The server's API, typed by its OpenAPI document. The session is the HttpOnly cookie `token`. */
export const api = createClient<paths>({ baseUrl: globalThis.location?.origin ?? '', credentials: 'same-origin' });

api.use({
  onResponse({ request, response }) {
    if (response.status === 401 && !EXPECTED.includes(new URL(request.url).pathname)) signedOut();
  },
});

type Answer<Data> = { data?: Data; error?: unknown; response: Response };

/**
 * The data of an answer.
 * Throws `ApiError` with words for the person when the server refused, or could not be reached (status 0).
 */
export async function call<Data>(request: Promise<Answer<Data>>): Promise<Data> {
  const answer = await request.catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, detailOf(undefined, 0));
  });
  if (!answer.response.ok) throw new ApiError(answer.response.status, detailOf(answer.error, answer.response.status));
  return answer.data as Data;
}

/** The data of an answer that is null where there is nothing; throws then as `call` does for a 404. */
export async function found<Data>(request: Promise<Answer<Data>>): Promise<NonNullable<Data>> {
  const data = await call(request);
  if (data === null || data === undefined) throw new ApiError(404, detailOf(undefined, 404));
  return data;
}
