import { catalog, catalogs } from '#lib/paraglide/catalog.js';

/** The languages of the app, each by its own name. */
export const LANGUAGES = {
  en: 'English',
  de: 'Deutsch',
  fr: 'Français',
  es: 'Español',
  ja: '日本語',
  zh: '简体中文',
  ar: 'العربية',
};
export type Language = keyof typeof LANGUAGES;

/** What was chosen, and what the server starts with, on this device; the script of app.html reads both. */
const CHOSEN = 'locale';
const DEFAULT = 'cirrus.default-locale';

/** The language of this app among those that somebody reads, the dearest first: `de` for `de-AT`. */
export function matching(wanted: readonly unknown[]): Language | undefined {
  const known = wanted.map((tag) => (typeof tag === 'string' ? tag.toLowerCase().split(/[-_]/u)[0] : undefined));
  return known.find((tag): tag is Language => tag !== undefined && Object.hasOwn(LANGUAGES, tag));
}

/** The language of this page, which app.html decided on before the first paint. */
export function language(): Language {
  return matching([globalThis.document?.documentElement.lang]) ?? 'en';
}

/** Which way this page reads. */
export const direction = (): 'ltr' | 'rtl' => (language() === 'ar' ? 'rtl' : 'ltr');

/**
 * How dates and numbers are written: as in the person's own region where the browser names it. In Arabic with the
 * digits that sizes, versions and names of models have too.
 */
export function intlLocale(): string {
  const chosen = language();
  if (chosen === 'ar') return 'ar-u-nu-latn';
  if (chosen === 'zh') return 'zh-CN';
  return globalThis.navigator?.languages?.find((tag) => matching([tag]) === chosen) ?? chosen;
}

/** Several things as one phrase: "one, two, three". */
export function listed(items: readonly string[]): string {
  return new Intl.ListFormat(intlLocale(), { type: 'unit', style: 'short' }).format(items);
}

/** Loads the messages of this page's language, before anything is shown; English where they cannot be had. */
export async function loadCatalog(): Promise<void> {
  const chosen = language();
  try {
    Object.assign(catalog, await catalogs[chosen]?.());
  } catch {
    document.documentElement.lang = 'en';
    document.documentElement.dir = 'ltr';
  }
}

const read = (key: string): string | null => {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
};

/** Keeps a value on this device; false where the browser does not let it. */
function keep(key: string, value: string): boolean {
  try {
    localStorage.setItem(key, value);
    return true;
  } catch {
    return false;
  }
}

/** Makes this device start with a language from now on; the page shows it once it is loaded again. */
export function remember(chosen: Language): void {
  keep(CHOSEN, chosen);
}

/** Shows the language that the person has chosen on another device. */
export function followPerson(wanted: unknown): void {
  const chosen = matching([wanted]);
  if (!chosen || chosen === matching([read(CHOSEN)]) || !keep(CHOSEN, chosen)) return;
  if (chosen !== language()) location.reload();
}

/** Shows the language that the server starts with to those who have chosen none and whose browser names none of ours. */
export function followServer(wanted: string): void {
  if (wanted === (read(DEFAULT) ?? '') || !keep(DEFAULT, wanted)) return;
  const known = matching([read(CHOSEN), ...navigator.languages]);
  if (!known && (matching([wanted]) ?? 'en') !== language()) location.reload();
}
