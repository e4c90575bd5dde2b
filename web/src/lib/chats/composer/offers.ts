import type { Config, Session } from '#lib/accounts/queries.ts';
import { every, type Model } from '#lib/models/queries.ts';

/** What may go along with a question. */
export interface Offers {
  pictures: boolean;
  files: boolean;
  web: boolean;
  /** Files that one message may bring; null: any number. */
  mostFiles: number | null;
  /** Bytes that a file may have; null: nothing is known of a limit. */
  largestFile: number | null;
}

/** What these models take, this server offers and this person may use. */
export function offersOf(
  models: readonly Model[],
  ids: readonly string[],
  config: Config | undefined,
  session: Session | null | undefined,
): Offers {
  const may = config?.permissions;
  const admin = session?.role === 'admin';
  const uploads = admin || may?.chat?.file_upload !== false;
  const { max_count: most, max_size: megabytes } = config?.file ?? {};
  return {
    mostFiles: most ?? null,
    largestFile: megabytes ? megabytes * 2 ** 20 : null,
    pictures: uploads && every(models, ids, 'vision'),
    files: uploads && every(models, ids, 'file_upload'),
    web:
      config?.features.enable_web_search === true &&
      (admin || may?.features?.web_search !== false) &&
      every(models, ids, 'web_search'),
  };
}
