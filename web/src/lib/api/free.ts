import { api, call } from './client.ts';

/** Requests whose bodies are free-form JSON in the contract: who asks says what is in them. */
type Send = (
  method: 'get' | 'post' | 'delete',
  path: string,
  init: {
    body?: unknown;
    params?: { query: Query };
    signal?: AbortSignal;
    keepalive?: boolean;
    parseAs?: 'json' | 'blob' | 'stream';
  },
) => Promise<{ data?: unknown; error?: unknown; response: Response }>;

type Query = Record<string, string | number | boolean | undefined>;
type Options = { query?: Query; body?: unknown; signal?: AbortSignal; keepalive?: boolean };

const request = api.request as unknown as Send;

function ask<Data>(method: 'get' | 'post' | 'delete', path: string, parseAs: 'json' | 'blob', options: Options) {
  const { query, ...rest } = options;
  return call(request(method, path, { ...rest, parseAs, ...(query ? { params: { query } } : {}) })) as Promise<Data>;
}

/** Requests by path; each throws `ApiError` with words for the person. `part` makes a text fit into a path. */
export const free = {
  get: <Data>(path: string, options: Options = {}) => ask<Data>('get', path, 'json', options),
  post: <Data>(path: string, body?: unknown, options: Options = {}) =>
    ask<Data>('post', path, 'json', { ...options, body }),
  remove: <Data>(path: string, options: Options = {}) => ask<Data>('delete', path, 'json', options),
  /** The answer as a file. */
  blob: (path: string, body: unknown) => ask<Blob>('post', path, 'blob', { body }),
};

export const part = encodeURIComponent;
