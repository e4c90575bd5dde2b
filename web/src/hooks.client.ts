import { loadCatalog } from '#lib/language/language.ts';

/** What happens before the app shows anything. */
export const init = loadCatalog;
