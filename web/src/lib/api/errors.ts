import { m } from '#lib/paraglide/messages.js';

/** A request that failed. `detail` is in words for the person; `status` is 0 when no answer came. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    readonly detail: string,
  ) {
    super(detail);
  }
}

/** What to show a person for anything thrown. */
export function errorText(error: unknown): string {
  if (error instanceof ApiError) return error.detail;
  if (error instanceof Error && error.message) return error.message;
  return m.error_unknown();
}

/** The words of an error answer: FastAPI's `detail` is a text, or a list of fields that did not validate. */
export function detailOf(body: unknown, status: number): string {
  const detail = typeof body === 'object' && body !== null && 'detail' in body ? body.detail : undefined;
  if (typeof detail === 'string' && detail) return detail;
  if (Array.isArray(detail)) {
    const fields = detail.map((item: { loc?: unknown[]; msg?: string }) =>
      [item.loc?.at(-1), item.msg].filter(Boolean).join(': '),
    );
    if (fields.length) return fields.join('. ');
  }
  if (status === 0) return m.error_network();
  if (status === 413) return m.error_too_large();
  if (status === 429) return m.error_too_many();
  if (status >= 500) return m.error_server();
  return m.error_status({ status: String(status) });
}
