import { queryOptions } from '@tanstack/svelte-query';
import { ApiError, detailOf } from '#lib/api/errors.ts';
import { FILES, contentUrl } from '../queries.ts';

/** More of a text than this nobody reads here. Bytes. */
export const MOST_SHOWN = 1_000_000;

/** The beginning of a file that is text; `cut` where there is more. Other character sets than UTF-8 are told by a mark. */
export const beginningQuery = (id: string) =>
  queryOptions({
    queryKey: [...FILES, 'beginning', id],
    queryFn: async ({ signal }) => {
      const answer = await fetch(contentUrl(id), { signal }).catch((error: unknown) => {
        if (error instanceof DOMException) throw error;
        throw new ApiError(0, detailOf(undefined, 0));
      });
      if (!answer.ok) throw new ApiError(answer.status, detailOf(undefined, answer.status));
      const bytes = new Uint8Array(await answer.arrayBuffer());
      return { text: decode(bytes.subarray(0, MOST_SHOWN)), cut: bytes.length > MOST_SHOWN };
    },
    staleTime: 0,
  });

/** Text from bytes: by their mark, as UTF-8 where they are that, otherwise as Windows wrote in the west. */
export function decode(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    // What is cut may end within a letter, which `stream` lets wait.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
