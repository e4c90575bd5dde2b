import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { LANGUAGES } from './language.ts';

/** A message of which there is one text for each plural. */
type Counted = [{ match: Record<string, string> }];
type Catalog = Record<string, string | Counted>;

const folder = new URL('../../../messages/', import.meta.url);
const read = (name: string) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Catalog;
const { $schema: _, ...english } = read('en.json');
const others = readdirSync(folder)
  .map((name) => name.replace('.json', ''))
  .filter((name) => name !== 'en');

const texts = (message: string | Counted = '') =>
  typeof message === 'string' ? [message] : Object.values(message[0].match);
const places = (message: string | Counted | undefined) =>
  [...new Set(texts(message).flatMap((text) => text.match(/\{\w+\}/g) ?? []))].sort();

it('has a catalog for every language on offer', () => {
  expect(['en', ...others].sort()).toEqual(Object.keys(LANGUAGES).sort());
});

it.each(others)('has every message of English in %s, and none beside', (language) => {
  const { $schema: _, ...catalog } = read(`${language}.json`);
  expect(Object.keys(catalog).sort()).toEqual(Object.keys(english).sort());
});

it.each(others)('says something in every message of %s, with what English fills in', (language) => {
  const catalog = read(`${language}.json`);
  for (const [key, message] of Object.entries(english)) {
    expect(places(catalog[key]), key).toEqual(places(message));
    for (const text of texts(catalog[key])) expect(text.trim(), key).not.toBe('');
  }
});

it.each(others)('is translated in %s', (language) => {
  const catalog = read(`${language}.json`);
  const same = Object.keys(english).filter((key) => texts(catalog[key])[0] === texts(english[key])[0]);
  expect(same.length).toBeLessThan(0.1 * Object.keys(english).length);
});

it.each(['en', ...others])('has a text for every number in %s', (language) => {
  const { pluralCategories } = new Intl.PluralRules(language).resolvedOptions();
  for (const [key, message] of Object.entries(read(`${language}.json`))) {
    if (typeof message === 'string') continue;
    const said = Object.keys(message[0].match).map((choice) => choice.replace('plural=', ''));
    expect(said.at(-1), `${key} has a text where no other fits`).toBe('*');
    if (language === 'ar') expect([...said.slice(0, -1), 'other'].sort(), key).toEqual([...pluralCategories].sort());
  }
});
