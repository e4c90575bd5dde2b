import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { catalog } from '#lib/paraglide/catalog.js';
import { m } from '#lib/paraglide/messages.js';
import { ago, day } from '#lib/ui/time.ts';
import { size } from '#lib/ui/size.ts';
import {
  followPerson,
  followServer,
  intlLocale,
  language,
  LANGUAGES,
  listed,
  loadCatalog,
  matching,
  remember,
} from './language.ts';

const html = readFileSync(new URL('../../app.html', import.meta.url), 'utf8');
const script = /<script>(.*?)<\/script>/s.exec(html)?.[1] ?? '';
const reload = vi.fn();
let stored: Map<string, string>;

/** A device that has `kept` these values, and a browser of somebody who reads `languages`. */
function device(languages: string[], kept: Record<string, string> = {}) {
  stored = new Map(Object.entries(kept));
  const link = { rel: '' };
  const page = { lang: 'en', dir: 'ltr', classList: { toggle: () => false }, style: {} };
  const globals = {
    navigator: { languages },
    localStorage: {
      getItem: (key: string) => stored.get(key) ?? null,
      setItem: (key: string, value: string) => stored.set(key, value),
    },
    document: { documentElement: page, querySelector: (of: string) => (of.includes('"en"') ? null : link) },
    matchMedia: () => ({ matches: false }),
    location: { reload, pathname: '/' },
  };
  for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value);
  runInNewContext(script, globals);
  return { page, link };
}

beforeEach(() => device(['en-US']));
afterEach(() => {
  vi.unstubAllGlobals();
  reload.mockClear();
  for (const key of Object.keys(catalog)) delete catalog[key];
});

it.each([
  ['what was chosen here', ['fr-FR', 'en'], { locale: 'de' }, 'de'],
  ['what was chosen, as Open WebUI keeps it', ['fr-FR'], { locale: 'ja-JP' }, 'ja'],
  ["the browser's first language that there is", ['nl-BE', 'es-MX', 'en'], {}, 'es'],
  ["the server's default", ['nl-BE'], { 'cirrus.default-locale': 'zh-CN' }, 'zh'],
  ['English', ['nl-BE'], {}, 'en'],
  ['English for a choice that there is not', [], { locale: 'constructor' }, 'en'],
])('starts with %s', (_, languages, kept, expected) => {
  const { page, link } = device(languages, kept as Record<string, string>);
  expect(page.lang).toBe(expected);
  expect(language()).toBe(expected);
  expect(link.rel).toBe(expected === 'en' ? '' : 'modulepreload');
});

it('reads from right to left in Arabic only', () => {
  for (const one of Object.keys(LANGUAGES)) {
    expect(device([], { locale: one }).page).toMatchObject({ lang: one, dir: one === 'ar' ? 'rtl' : 'ltr' });
  }
});

it('finds the language of a region', () => {
  expect(matching(['de-AT', 'en'])).toBe('de');
  expect(matching([undefined, null, 'PT_br', 'zh-Hant-TW'])).toBe('zh');
  expect(matching(['constructor'])).toBeUndefined();
});

it('speaks the language of the page once its catalog is loaded', async () => {
  device([], { locale: 'de' });
  await loadCatalog();
  expect(m.ui_cancel()).toBe('Abbrechen');
  expect(m.ollama_models({ count: 1 })).toBe('1 Modell');
  expect(m.ollama_models({ count: 3 })).toBe('3 Modelle');
});

it('counts as Arabic does', async () => {
  device([], { locale: 'ar' });
  await loadCatalog();
  const counted = [1, 2, 3, 11, 100].map((count) => m.ollama_models({ count }));
  expect(counted).toEqual(['نموذج واحد', 'نموذجان', '3 نماذج', '11 نموذجًا', '100 نموذج']);
});

it('says in English what a language has no words for', async () => {
  device([], { locale: 'de' });
  await loadCatalog();
  delete catalog.ui_cancel;
  expect(m.ui_cancel()).toBe('Cancel');
});

it('writes dates, times and sizes as the language does, in the region of the browser', () => {
  device(['en-US', 'de-CH'], { locale: 'de' });
  expect(intlLocale()).toBe('de-CH');
  expect(day(0)).toContain('1970');
  expect(ago(0, 7200)).toBe('vor 2 Stunden');
  expect(size(1_500_000)).toMatch(/^1[.,]5 MB$/);
  expect(listed(['a', 'b'])).toBe('a, b');
  device([], { locale: 'ar' });
  expect(size(2_000_000)).toMatch(/2/);
});

it('takes over what the person chose on another device, once', () => {
  followPerson('fr');
  expect(stored.get('locale')).toBe('fr');
  expect(reload).toHaveBeenCalledOnce();
  followPerson('fr');
  followPerson(undefined);
  followPerson('tlh');
  expect(reload).toHaveBeenCalledOnce();
});

it('does not load the page again where the browser keeps nothing', () => {
  vi.stubGlobal('localStorage', {
    getItem: () => null,
    setItem: () => {
      throw new Error('Denied');
    },
  });
  followPerson('fr');
  followServer('fr');
  expect(reload).not.toHaveBeenCalled();
});

it("takes the server's default only where neither a choice nor the browser names a language", () => {
  followServer('de-DE');
  expect(reload).not.toHaveBeenCalled();
  device(['nl']);
  remember('es');
  followServer('de-DE');
  expect(reload).not.toHaveBeenCalled();
  device(['nl']);
  followServer('de-DE');
  expect(reload).toHaveBeenCalledOnce();
  expect(device(['nl'], Object.fromEntries(stored)).page.lang).toBe('de');
});
